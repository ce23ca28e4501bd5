#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace tintype {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(hex_encode(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_encode(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 1321 §A.5.
TEST(Md5, PublishedVectors) {
  EXPECT_EQ(hex_encode(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_encode(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Sha256, PiecesMakeTheWhole) {
  SystemRandom random;
  std::string bytes = random_bytes(random, 1000);
  for (std::size_t piece : {1u, 7u, 64u, 999u}) {
    Sha256 hash;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      hash.update(std::string_view(bytes).substr(at, piece));
    EXPECT_EQ(hash.finish(), sha256(bytes));
  }
}

TEST(Sha256, Moves) {
  Sha256 first;
  first.update("a");
  Sha256 second = std::move(first);
  second.update("bc");
  Sha256 third;
  third = std::move(second);
  EXPECT_EQ(third.finish(), sha256("abc"));
}

// RFC 4231 §4.2, §4.3 and §4.7 (a key longer than a block).
TEST(HmacSha256, PublishedVectors) {
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(131, '\xaa'),
                                   "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(ConstantTimeEqual, Compares) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "abcd"));
}

TEST(Random, FillsEveryByte) {
  SystemRandom random;
  EXPECT_EQ(random_bytes(random, 0), "");
  EXPECT_NE(random_bytes(random, 32), random_bytes(random, 32));
  std::string seen(64, '\0');  // each byte becomes non-zero in some of 50 fills
  for (int i = 0; i < 50; ++i) {
    std::string bytes = random_bytes(random, seen.size());
    for (std::size_t k = 0; k < seen.size(); ++k) seen[k] = static_cast<char>(seen[k] | bytes[k]);
  }
  EXPECT_EQ(seen.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace tintype
