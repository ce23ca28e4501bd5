// Renditions that no decoder makes: what a worker that was taken over might do and say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// An input that starts with this is not rendered; words with a colon between them follow.
// `good` writes `picture 0` and so on, 100 × 50 pixels, in the formats asked for; `gif` says that
// all are GIF; `few` and `many` answer with one less and one more; `empty`, `long`, `endless` lie
// about the bytes, `narrow`, `wide`, `still` about pixels and frames; `keep` and `map` keep the
// descriptor and a mapping of the first output; `crash`, `hang`, `abort`, `slow`, `slower` and
// `fill` (write as much as can be) do what they say; `spill` first writes `spilt` into the first
// output.
inline constexpr std::string_view kPretend = "PRETEND:";

// Nothing when the input does not ask for it.
std::optional<Result<std::string>> pretend_to_render(const Job& job,
                                                     const std::vector<UniqueFd>& fds);

// Whether an output that was kept can still be changed through its descriptor. Writes into the
// mapping that was kept, which always succeeds.
bool can_scribble();

}  // namespace tintype
