// The pictures of one job: the files that a worker may write to, and what it may say about them.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "domain/limits.h"
#include "domain/rendition_spec.h"
#include "imaging/worker_protocol.h"
#include "ports/image_engine.h"

namespace tintype {

class JobOutputs {
 public:
  // One empty file per spec. Errors: `internal` for more than kMaxRenditionsAtOnce; as
  // make_output().
  static Result<JobOutputs> create(std::vector<RenditionSpec> specs, const Limits& limits);

  const std::vector<UniqueFd>& files() const { return files_; }

  // What a worker says that it has written, made unchangeable. Call once. Errors: `corrupt_image`
  // when it cannot be true: another number, type, size in pixels or in bytes than can be.
  Result<std::vector<RenderedImage>> take(const std::vector<RenderedFile>& written);

 private:
  JobOutputs(std::vector<RenditionSpec> specs, const Limits& limits)
      : specs_(std::move(specs)), limits_(limits) {}
  bool is_credible(const std::vector<RenderedFile>& written) const;

  std::vector<RenditionSpec> specs_;
  Limits limits_;
  std::vector<UniqueFd> files_;
};

}  // namespace tintype
