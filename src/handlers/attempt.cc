#include "handlers/attempt.h"

#include <cstring>

#include "base/hash.h"
#include "base/random.h"

namespace tintype {
namespace {

constexpr std::size_t kSaltBytes = 16;

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

Attempt Attempt::first(ImageId id, Random& random) {
  return {id, random_bytes(random, kSaltBytes), false};
}

// A hold of an older version is an id alone.
Result<Attempt> Attempt::again(std::string_view seed) {
  constexpr std::size_t kIdBytes = 16;
  Attempt attempt;
  attempt.first_id = TRY(ImageId::from_bytes(seed.substr(0, kIdBytes)));
  attempt.salt = seed.substr(kIdBytes);
  attempt.repeated = true;
  return attempt;
}

ImageId Attempt::id(std::size_t n) const {
  if (n == 0) return first_id;
  DigestBytes bytes(seed() + std::to_string(n));
  return ImageId::generate(first_id.created_at(), bytes);
}

}  // namespace tintype
