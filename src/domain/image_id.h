// ImageId: a UUID version 7 (RFC 9562 §5.7), whose order is the order of creation.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace tintype {

class ImageId {
 public:
  ImageId() = default;  // all zero; equal to no real image

  // 48 bits of milliseconds, then 74 random bits.
  static ImageId generate(Timestamp now, Random& random);
  // The 36-character text form, either case. Errors: `invalid` for anything but a UUID of
  // version 7.
  static Result<ImageId> parse(std::string_view text);
  // From the 16 bytes of `bytes()`. Errors: `invalid` for another length.
  static Result<ImageId> from_bytes(std::string_view bytes);

  std::string to_string() const;  // lower case with hyphens
  void append_to(std::string& out) const;
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  Timestamp created_at() const;

  auto operator<=>(const ImageId&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace tintype

template <>
struct std::hash<tintype::ImageId> {
  std::size_t operator()(const tintype::ImageId& id) const noexcept {
    return std::hash<std::string_view>()(id.bytes());
  }
};
