// Named renditions: what `variant=thumb` means, and which are made as soon as an image arrives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/rendition_spec.h"

namespace tintype {

struct NamedRendition {
  std::string name;  // 1-64 of [a-z0-9_-], not `none`
  RenditionSpec spec;
};

inline constexpr std::size_t kMaxVariants = 64;
inline constexpr std::size_t kMaxLadder = 12;  // what one decode is asked for at most

class RenditionVariants {
 public:
  // `thumb`, `feed` and `full` of the contract, all in the ladder.
  RenditionVariants();

  // From settings: each variant is `name?width=320&height=320&fit=cover`, the ladder a list of
  // names (the word `none` alone: no ladder). What a list cannot hold is percent-encoded
  // (`gravity=0.3%2C0.5`). Errors: `invalid`, one sentence that names the entry.
  static Result<RenditionVariants> parse(const std::vector<std::string>& variants,
                                         const std::vector<std::string>& ladder);

  // Null when there is no variant of that name.
  const NamedRendition* find(std::string_view name) const;
  const std::vector<NamedRendition>& all() const { return all_; }
  const std::vector<NamedRendition>& ladder() const { return ladder_; }

 private:
  Result<void> set_variants(const std::vector<std::string>& entries);
  Result<void> set_ladder(const std::vector<std::string>& names);

  std::vector<NamedRendition> all_;
  std::vector<NamedRendition> ladder_;
};

}  // namespace tintype
