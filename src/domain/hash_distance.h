// How far apart two perceptual hashes are: the number of their 64 bits that differ.
#pragma once

#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tintype {

// Images whose hashes differ in at most this many bits are similar. Recompressed, resized and
// brightened copies lie within it, unrelated photos around 32; docs/adr/similar-images.md has the
// figures.
inline constexpr int kSimilarDistance = 10;

constexpr int hash_distance(std::uint64_t a, std::uint64_t b) { return std::popcount(a ^ b); }

// The number that the 16 hex digits of ImageFacts::perceptual_hash write; nothing for other texts.
inline std::optional<std::uint64_t> parse_perceptual_hash(std::string_view text) {
  std::uint64_t bits = 0;
  const char* end = text.data() + text.size();
  if (text.size() != 16 || std::from_chars(text.data(), end, bits, 16).ptr != end) return {};
  return bits;
}

}  // namespace tintype
