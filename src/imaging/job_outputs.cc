#include "imaging/job_outputs.h"

#include <algorithm>

#include "imaging/failures.h"
#include "imaging/job_files.h"

namespace tintype {
namespace {

// What one job may write in all; the worker's RLIMIT_FSIZE bounds a single file.
constexpr std::uint64_t kMaxJobBytes = 1ull << 30;

bool is_right_type(MediaType type, const RenditionSpec& spec) {
  if (spec.format) return type == *spec.format;
  return type == MediaType::jpeg || type == MediaType::png;
}

bool is_credible_file(const RenderedFile& file, const RenditionSpec& spec, const Limits& limits) {
  std::uint32_t side = std::max(limits.max_side, kMaxRenditionSide);
  return is_right_type(file.content_type, spec) && file.width <= side && file.height <= side &&
         file.frames <= std::max(1u, limits.max_frames) && file.size <= kMaxJobBytes;
}

}  // namespace

Result<JobOutputs> JobOutputs::create(std::vector<RenditionSpec> specs, const Limits& limits) {
  if (specs.size() > kMaxRenditionsAtOnce)
    return internal_error("too many renditions were asked for at once");
  JobOutputs outputs(std::move(specs), limits);
  for (std::size_t i = 0; i < outputs.specs_.size(); ++i) {
    UniqueFd file = TRY(make_output());
    outputs.files_.push_back(std::move(file));
  }
  return outputs;
}

bool JobOutputs::is_credible(const std::vector<RenderedFile>& written) const {
  if (written.size() != specs_.size()) return false;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (!is_credible_file(written[i], specs_[i], limits_)) return false;
    total += written[i].size;
  }
  return total <= kMaxJobBytes;
}

Result<std::vector<RenderedImage>> JobOutputs::take(const std::vector<RenderedFile>& written) {
  if (!is_credible(written))
    return corrupt_image("The decoder's answer about the file makes no sense.");
  std::vector<RenderedImage> images;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const RenderedFile& file = written[i];
    UniqueFd fd = TRY(take_output(std::move(files_[i]), file.size));
    images.push_back(
        {std::move(fd), file.size, file.width, file.height, file.frames, file.content_type});
  }
  return images;
}

}  // namespace tintype
