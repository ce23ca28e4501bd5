// The limits of the contract, in one place. Those that an operator may set are members of Limits
// with the contract's default; those that are part of the wire format are constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype {

inline constexpr std::size_t kMaxUserIdLength = 128;
inline constexpr std::size_t kMaxFilenameBytes = 255;
inline constexpr std::size_t kMaxTags = 30;
inline constexpr std::size_t kMaxTagLength = 50;            // characters
inline constexpr std::size_t kMaxDescriptionLength = 2200;  // characters
inline constexpr std::size_t kMaxMetadataBytes = 16 * 1024;
inline constexpr std::size_t kMaxMetadataDepth = 5;
inline constexpr std::size_t kMaxPageSize = 100;
inline constexpr std::size_t kDefaultPageSize = 50;
inline constexpr std::size_t kMaxBatchOperations = 100;
inline constexpr std::size_t kMaxIdempotencyKeyLength = 255;
inline constexpr std::size_t kMaxJsonBodyBytes = 1024 * 1024;
inline constexpr std::size_t kMaxSearchLength = 200;

struct Limits {
  std::uint64_t max_upload_bytes = 10ull * 1024 * 1024;
  std::uint64_t max_pixels = 100'000'000;        // of one frame
  std::uint64_t max_total_pixels = 250'000'000;  // of all frames
  std::uint32_t max_side = 32'768;               // pixels
  std::uint32_t max_frames = 1000;
  std::uint64_t max_user_images = 0;  // quota per user; 0 is none
  std::uint64_t max_user_bytes = 0;   // quota per user; 0 is none
};

}  // namespace tintype
