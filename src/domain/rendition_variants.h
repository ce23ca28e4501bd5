// Named renditions: what `variant=thumb` means, and which are made as soon as an image arrives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/rendition_spec.h"

namespace tintype {

struct NamedRendition {
  std::string name;  // 1-64 of [a-z0-9_-]
  RenditionSpec spec;
};

class RenditionVariants {
 public:
  // `thumb`, `feed` and `full` of the contract, all in the ladder.
  RenditionVariants();

  // From settings: each variant is `name?width=320&height=320&fit=cover`, the ladder a list of
  // names (the word `none` alone: no ladder). Errors: `invalid`, one sentence that names the entry.
  static Result<RenditionVariants> parse(const std::vector<std::string>& variants,
                                         const std::vector<std::string>& ladder);

  // Null when there is no variant of that name.
  const NamedRendition* find(std::string_view name) const;
  const std::vector<NamedRendition>& all() const { return all_; }
  const std::vector<NamedRendition>& ladder() const { return ladder_; }

 private:
  std::vector<NamedRendition> all_;
  std::vector<NamedRendition> ladder_;
};

}  // namespace tintype
