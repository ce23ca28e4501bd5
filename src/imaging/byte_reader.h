// Bounded reads of integers from bytes that nobody vouches for. Offsets may be anything: a read
// that does not lie wholly inside yields nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tintype {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t size() const { return bytes_.size(); }

  std::optional<std::string_view> slice(std::uint64_t at, std::uint64_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) return std::nullopt;
    return bytes_.substr(at, count);
  }
  std::optional<std::uint8_t> u8(std::uint64_t at) const { return read<std::uint8_t>(at, 1, true); }
  std::optional<std::uint16_t> be16(std::uint64_t at) const {
    return read<std::uint16_t>(at, 2, true);
  }
  std::optional<std::uint32_t> be32(std::uint64_t at) const {
    return read<std::uint32_t>(at, 4, true);
  }
  std::optional<std::uint16_t> le16(std::uint64_t at) const {
    return read<std::uint16_t>(at, 2, false);
  }
  std::optional<std::uint32_t> le24(std::uint64_t at) const {
    return read<std::uint32_t>(at, 3, false);
  }
  std::optional<std::uint32_t> le32(std::uint64_t at) const {
    return read<std::uint32_t>(at, 4, false);
  }

 private:
  template <typename T>
  std::optional<T> read(std::uint64_t at, std::size_t count, bool big_endian) const {
    auto part = slice(at, count);
    if (!part) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t from = big_endian ? i : count - 1 - i;
      value = value << 8 | static_cast<unsigned char>((*part)[from]);
    }
    return static_cast<T>(value);
  }

  std::string_view bytes_;
};

}  // namespace tintype
