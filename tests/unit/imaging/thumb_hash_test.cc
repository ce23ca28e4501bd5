#include "imaging/thumb_hash.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/encoding.h"
#include "small_pictures.h"

namespace tintype {
namespace {

using testing::painted;
using testing::Rgba;

// Reads a hash by the format's description, the other way round than the code under test.
class HashReader {
 public:
  explicit HashReader(const std::string& hash) : hash_(hash) {}

  bool has_alpha() const { return bits(23, 1) != 0; }
  bool landscape() const { return bits(39, 1) != 0; }
  double aspect_ratio() const {
    const double most = has_alpha() ? 5 : 7, fewer = bits(24, 3);
    return landscape() ? most / fewer : fewer / most;
  }

  // The picture at (x, y), both 0 to 1, as red, green, blue and alpha from 0 to 255.
  std::array<double, 4> at(double x, double y) {
    nibbles_ = has_alpha() ? 12 : 10;
    const int most = has_alpha() ? 5 : 7, fewer = std::max(3, bits(24, 3));
    const int nx = landscape() ? most : fewer, ny = landscape() ? fewer : most;
    const double l = bits(0, 6) / 63.0 + waves(nx, ny, bits(18, 5) / 31.0, x, y);
    const double p = bits(6, 6) / 31.5 - 1 + waves(3, 3, bits(27, 6) / 63.0, x, y);
    const double q = bits(12, 6) / 31.5 - 1 + waves(3, 3, bits(33, 6) / 63.0, x, y);
    double a = 1;
    if (has_alpha()) a = bits(40, 4) / 15.0 + waves(5, 5, bits(44, 4) / 15.0, x, y);
    const double b = l - 2.0 / 3 * p, r = (3 * l - b + q) / 2, g = r - q;
    return {clamp(r), clamp(g), clamp(b), clamp(a)};
  }
  std::size_t nibbles_read() const { return nibbles_; }

 private:
  static double clamp(double v) { return 255 * std::min(1.0, std::max(0.0, v)); }
  int bits(int from, int count) const {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      const int at = from + i;
      value |= (hash_.at(static_cast<std::size_t>(at / 8)) >> (at % 8) & 1) << i;
    }
    return value;
  }
  double waves(int nx, int ny, double scale, double x, double y) {
    double sum = 0;
    for (int fy = 0; fy < ny; ++fy)
      for (int fx = fy == 0 ? 1 : 0; fx * ny < nx * (ny - fy); ++fx) {
        const double wave = bits(static_cast<int>(4 * nibbles_++), 4) / 7.5 - 1;
        sum += 2 * wave * scale * std::cos(std::numbers::pi * fx * x) *
               std::cos(std::numbers::pi * fy * y);
      }
    return sum;
  }

  std::string hash_;
  std::size_t nibbles_ = 0;
};

// A wave of exactly nothing lies between the steps 7 and 8, and rounding noise decides.
bool same_hash(const std::string& a, const std::string& b) {
  auto zero = [](char digit) { return digit == '7' || digit == '8'; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return x == y || (zero(x) && zero(y)); });
}

double mean_difference(const SmallPicture& picture) {
  HashReader reader(thumb_hash(picture));
  double sum = 0;
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const auto seen = reader.at((x + 0.5) / picture.width, (y + 0.5) / picture.height);
      for (std::size_t c = 0; c < 4; ++c)
        sum += std::abs(seen[c] - picture.rgba[(y * picture.width + x) * 4 + c]);
    }
  return sum / static_cast<double>(picture.rgba.size());
}

struct KnownHash {
  std::uint32_t width, height;
  std::function<Rgba(int, int)> colour;
  const char* hash;  // what the reference implementation, version 0.1.1, says
};

TEST(ThumbHash, equals_the_reference_implementation) {
  const std::vector<KnownHash> known{
      {100, 60,
       [](int x, int y) {
         return Rgba{x * 2, y * 4, x + y, 255};
       },
       "d8d8091c98808787808778878887878018f878"},
      {40, 100,
       [](int x, int y) {
         return Rgba{x * x, y * 2, x * y, 255};
       },
       "5af70923144370777776777776904af577"},
      {32, 32,
       [](int x, int y) {
         return Rgba{x * 8, y * 8, 128, (x + y) * 4};
       },
       "a3f8851d0c27a087b0888a7788a0b00af96870778078787878"},
      {90, 30,
       [](int x, int y) {
         return Rgba{255 - x, x * 2, y * 8, x < 45 ? 255 : 60};
       },
       "e148873a8c49767750878877aff87b788f858788887887"},
  };
  for (const auto& [width, height, colour, hash] : known) {
    const auto ours = hex_encode(thumb_hash(painted(width, height, colour)));
    EXPECT_TRUE(same_hash(ours, hash)) << ours << " is not " << hash;
  }
}

// A sky that darkens upwards, a slope below it, and a sun.
SmallPicture landscape(std::uint32_t width, std::uint32_t height) {
  return painted(width, height, [=](int x, int y) {
    const double u = (x + 0.5) / width, v = (y + 0.5) / height;
    const double sun = std::exp(-((u - 0.7) * (u - 0.7) + (v - 0.3) * (v - 0.3)) / 0.03);
    const double land = 1 / (1 + std::exp(-12 * (v - 0.5 - 0.2 * u)));
    auto mixed = [&](double sky, double earth) {
      return static_cast<int>(sky * (1 - land) + earth * land + 90 * sun * (1 - land));
    };
    return Rgba{mixed(60 + 60 * v, 90), mixed(100 + 60 * v, 110), mixed(160, 40), 255};
  });
}

TEST(ThumbHash, decodes_to_a_blurred_copy) {
  EXPECT_LT(mean_difference(landscape(96, 64)), 10);
  EXPECT_LT(mean_difference(landscape(48, 100)), 10);
  EXPECT_LT(mean_difference(landscape(100, 100)), 10);
}

TEST(ThumbHash, keeps_a_plain_colour_and_its_alpha) {
  for (const int alpha : {255, 128}) {
    const auto picture = painted(20, 10, [&](int, int) { return Rgba{200, 30, 90, alpha}; });
    const auto seen = HashReader(thumb_hash(picture)).at(0.3, 0.8);
    EXPECT_NEAR(seen[0], 200, 6);
    EXPECT_NEAR(seen[1], 30, 6);
    EXPECT_NEAR(seen[2], 90, 6);
    EXPECT_NEAR(seen[3], alpha, 9);
  }
}

TEST(ThumbHash, keeps_the_proportions) {
  for (const auto& [width, height] : {std::pair{100u, 100u}, {100, 57}, {57, 100}, {100, 30}}) {
    const auto hash = thumb_hash(testing::scene(3, width, height));
    EXPECT_NEAR(HashReader(hash).aspect_ratio(), double(width) / height, 0.2 * width / height);
    EXPECT_LE(hash.size(), 25u);
    HashReader reader(hash);
    (void)reader.at(0, 0);
    EXPECT_EQ((reader.nibbles_read() + 1) / 2, hash.size());
  }
}

TEST(ThumbHash, of_a_transparent_picture_is_transparent) {
  const auto hash = thumb_hash(painted(8, 8, [](int, int) { return Rgba{1, 2, 3, 0}; }));
  EXPECT_TRUE(HashReader(hash).has_alpha());
  EXPECT_EQ(HashReader(hash).at(0.5, 0.5)[3], 0);
}

TEST(ThumbHash, of_no_small_picture_is_empty) {
  EXPECT_EQ(thumb_hash({}), "");
  EXPECT_EQ(thumb_hash({2, 2, {1, 2, 3}}), "");
  EXPECT_EQ(thumb_hash(testing::scene(1, 101, 10)), "");
}

}  // namespace
}  // namespace tintype
