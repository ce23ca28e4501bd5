#include "handlers/attempt.h"

#include <cstring>

#include "base/hash.h"

namespace tintype {
namespace {

// "Random" bytes that follow from a text.
class DigestBytes final : public Random {
 public:
  explicit DigestBytes(const std::string& text) : digest_(sha256(text)) {}
  void fill(std::span<std::byte> out) override {
    std::memcpy(out.data(), digest_.data(), std::min(out.size(), digest_.size()));
  }

 private:
  std::string digest_;
};

}  // namespace

ImageId Attempt::id(std::size_t n) const {
  if (n == 0) return first_id;
  DigestBytes bytes(std::string(first_id.bytes()) + std::to_string(n));
  return ImageId::generate(first_id.created_at(), bytes);
}

}  // namespace tintype
