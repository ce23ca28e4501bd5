// How much memory a worker will take for a job, predicted before it starts. Pure functions.
//
// The model follows what decoders do with the pictures that cost most: what the facts do not say
// (a progressive JPEG, an interlaced PNG) is assumed. It is a ceiling for planning, not a promise:
// what a worker may really take is bounded by its address space.
//
//   a worker + the decoder's memory + every finished picture + the encoder that takes most
//
// The constants are in memory_estimate.cc, in one table.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "domain/image_metadata.h"
#include "domain/rendition_spec.h"

namespace tintype {

// Bytes for rendering a file of which the facts are known. The specs are resolved.
std::uint64_t estimate_render(const ImageFacts& facts, const std::vector<RenditionSpec>& specs);

// Whether each of the pictures can be made within `most` bytes, whatever decoding takes. Errors:
// `invalid`, naming the parameters to change.
Result<void> check_results(const ImageFacts& facts, const std::vector<RenditionSpec>& specs,
                           std::uint64_t most);

// Bytes for looking into a file of `file_size` bytes of which nothing is known but what its header
// may claim (planned_size.h): as for rendering what it claims, but no less than for a guess by its
// size, that of a photo: compressed to about three bits a pixel, progressive. Without a claim, what
// is smaller in bytes and larger in pixels takes more than predicted.
std::uint64_t estimate_examine(std::uint64_t file_size, const std::optional<ImageFacts>& claimed,
                               const std::vector<RenditionSpec>& specs);

}  // namespace tintype
