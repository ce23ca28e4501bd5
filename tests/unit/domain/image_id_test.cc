#include "domain/image_id.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_set>

#include "base/encoding.h"

namespace tintype {
namespace {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::byte> out) override {
    std::fill(out.begin(), out.end(), static_cast<std::byte>(byte_));
  }

 private:
  std::uint8_t byte_;
};

Timestamp at_ms(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

// RFC 9562, appendix A.6: the time of the example, with all random bits set or clear.
TEST(ImageId, HasTheLayoutOfVersion7) {
  FixedRandom ones(0xFF);
  FixedRandom zeros(0);
  EXPECT_EQ(ImageId::generate(at_ms(0x017F22E279B0), ones).to_string(),
            "017f22e2-79b0-7fff-bfff-ffffffffffff");
  EXPECT_EQ(ImageId::generate(at_ms(0x017F22E279B0), zeros).to_string(),
            "017f22e2-79b0-7000-8000-000000000000");
  auto published = ImageId::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(published->created_at(), at_ms(0x017F22E279B0));
  EXPECT_EQ(published->to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(ImageId, GoesThroughTextAndBytesUnchanged) {
  SystemRandom random;
  std::mt19937_64 times(6);
  for (int i = 0; i < 5000; ++i) {
    Timestamp t = at_ms(static_cast<std::int64_t>(times() >> 16));
    ImageId id = ImageId::generate(t, random);
    ASSERT_EQ(id.created_at(), t);
    ASSERT_EQ(*ImageId::parse(id.to_string()), id);
    ASSERT_EQ(*ImageId::from_bytes(id.bytes()), id);
    ASSERT_EQ(id.to_string().size(), 36u);
  }
}

TEST(ImageId, OrderIsTheOrderOfCreation) {
  SystemRandom random;
  std::mt19937_64 times(7);
  for (int i = 0; i < 5000; ++i) {
    auto early = static_cast<std::int64_t>(times() >> 17);
    auto late = early + 1 + static_cast<std::int64_t>(times() % 100000);
    ImageId a = ImageId::generate(at_ms(early), random);
    ImageId b = ImageId::generate(at_ms(late), random);
    ASSERT_LT(a, b);
    ASSERT_LT(a.to_string(), b.to_string());
  }
}

TEST(ImageId, IsDifferentEveryTime) {
  SystemRandom random;
  std::unordered_set<ImageId> seen;
  for (int i = 0; i < 10000; ++i) seen.insert(ImageId::generate(at_ms(1), random));
  EXPECT_EQ(seen.size(), 10000u);
}

TEST(ImageId, RefusesEverythingElse) {
  const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "0", std::string("017f22e279b07cc398c4dc0c0c07398f"),
        std::string("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"),  // version 4
        std::string("017f22e2-79b0-7cc3-d8c4-dc0c0c07398f"),  // another variant
        std::string("017f22e2-79b0-7cc3-18c4-dc0c0c07398f"),  // another variant
        std::string("017f22e2-79b0-7cc3-98c4-dc0c0c07398g"),
        std::string("{17f22e2-79b0-7cc3-98c4-dc0c0c07398}"),
        std::string("017f22e27-9b0-7cc3-98c4-dc0c0c07398f"), std::string(36, '-'),
        std::string(36, '0')}) {
    auto result = ImageId::parse(bad);
    ASSERT_FALSE(result.ok()) << bad;
    EXPECT_EQ(result.error().code, "invalid_image_id");
  }
  EXPECT_FALSE(ImageId::from_bytes("short").ok());
  EXPECT_FALSE(ImageId::from_bytes(ImageId().bytes()).ok());
}

// Any single altered character is refused or is another id, apart from letter case.
TEST(ImageId, NoTwoTextsMeanTheSame) {
  const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  const ImageId id = *ImageId::parse(good);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string other = good;
      other[i] = static_cast<char>(c);
      bool same_letter = std::isalpha(c) && std::tolower(c) == good[i];
      auto result = ImageId::parse(other);
      bool same = other == good || same_letter;
      ASSERT_TRUE(same || !result.ok() || *result != id) << other;
    }
  }
}

}  // namespace
}  // namespace tintype
