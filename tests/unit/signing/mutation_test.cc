// Damaged requests: whatever arrives, the answer is a clean error with one of the documented codes,
// and no damage that changes a request's meaning goes unnoticed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "signing/policy_document.h"
#include "signing/post_policy.h"
#include "unit/signing/presign_fixture.h"

namespace tintype::sigv4 {
namespace {

using Generator = std::mt19937;

std::size_t below(Generator& random, std::size_t bound) { return bound ? random() % bound : 0; }

// Inserts, removes, replaces, doubles or cuts a piece of the text.
void damage(Generator& random, std::string& text) {
  static const std::vector<std::string> kPieces{"%",
                                                "&",
                                                "=",
                                                ";",
                                                "/",
                                                "%00",
                                                "%2",
                                                "+",
                                                "\xff",
                                                "host",
                                                "X-Amz-",
                                                "&X-Amz-Signature=",
                                                "{",
                                                "[",
                                                "\"",
                                                ",",
                                                " ",
                                                std::string(1, '\0'),
                                                "99999999999999999999",
                                                "-"};
  std::size_t at = below(random, text.size() + 1);
  std::size_t length = below(random, 8);
  switch (random() % 5) {
    case 0: text.insert(at, kPieces[below(random, kPieces.size())]); break;
    case 1: text.erase(at, length); break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 3: text.insert(at, text.substr(below(random, text.size()), 10 * length)); break;
    default: text.resize(at); break;
  }
}

const std::set<std::string> kUrlCodes{"AccessDenied",
                                      "InvalidAccessKeyId",
                                      "SignatureDoesNotMatch",
                                      "AuthorizationQueryParametersError",
                                      "InvalidURI",
                                      "InvalidToken",
                                      "InvalidArgument"};

TEST(Mutation, PresignedRequestsNeverPassWithAnotherMeaning) {
  Generator random(1);
  const Request good = follow(put_request());
  const VerifiedUrl truth = good.verify().value();
  std::set<std::string> seen;
  for (int round = 0; round < 20000; ++round) {
    Request bad = good;
    for (std::size_t i = below(random, 3) + 1; i > 0; --i) {
      switch (random() % 6) {
        case 0: damage(random, bad.path); break;
        case 1: damage(random, bad.method); break;
        case 2: damage(random, bad.headers[below(random, bad.headers.size())].second); break;
        case 3: damage(random, bad.headers[below(random, bad.headers.size())].first); break;
        default: damage(random, bad.query); break;
      }
    }
    auto result = bad.verify();
    if (result.ok()) {
      ASSERT_EQ(bad.method, good.method);
      ASSERT_EQ(result->path, truth.path);
      ASSERT_EQ(canonical_query(result->query), canonical_query(truth.query));
      ASSERT_EQ(result->expires_at, truth.expires_at);
      ASSERT_EQ(result->signed_headers, truth.signed_headers);
    } else {
      ASSERT_TRUE(kUrlCodes.contains(result.error().code)) << result.error().code;
      ASSERT_TRUE(is_valid_utf8(result.error().detail));
      seen.insert(result.error().code);
    }
  }
  EXPECT_GE(seen.size(), 5u);
}

TEST(Mutation, NoiseIsRefused) {
  Generator random(2);
  for (int round = 0; round < 5000; ++round) {
    Request noise;
    for (std::string* text : {&noise.method, &noise.path, &noise.query})
      for (std::size_t i = below(random, 60); i > 0; --i) *text += static_cast<char>(random());
    for (std::size_t i = below(random, 4); i > 0; --i) {
      noise.headers.emplace_back("x", "");
      damage(random, noise.headers.back().first);
      damage(random, noise.headers.back().second);
    }
    ASSERT_FALSE(noise.verify().ok());
  }
}

const std::set<std::string> kFormCodes{"AccessDenied",         "SignatureDoesNotMatch",
                                       "InvalidAccessKeyId",   "InvalidPolicyDocument",
                                       "MalformedPOSTRequest", "InvalidToken"};

TEST(Mutation, FormsNeverPassWithAnotherMeaning) {
  Generator random(3);
  const NameValues good = make_post_policy(kTestKey, {.bucket = "photos",
                                                      .key = "incoming/a.jpg",
                                                      .content_type = "image/jpeg",
                                                      .min_size = 1,
                                                      .max_size = 9,
                                                      .exact_fields = {},
                                                      .region = "eu-central-1",
                                                      .now = test_time()})
                              .value();
  for (int round = 0; round < 20000; ++round) {
    NameValues bad = good;
    for (std::size_t i = below(random, 3) + 1; i > 0; --i) {
      auto& [name, value] = bad[below(random, bad.size())];
      damage(random, random() % 4 ? value : name);
    }
    auto result =
        verify_post_policy(bad, "photos", "eu-central-1", test_time(), lookup_of(kTestKey));
    if (result.ok()) {
      ASSERT_EQ(result->key, "incoming/a.jpg");
      ASSERT_EQ(result->content_type, "image/jpeg");
      ASSERT_EQ(result->max_size, 9u);
    } else {
      ASSERT_TRUE(kFormCodes.contains(result.error().code)) << result.error().code;
      ASSERT_TRUE(is_valid_utf8(result.error().detail));
    }
  }
}

TEST(Mutation, PolicyDocumentsParseOrFailCleanly) {
  Generator random(4);
  PolicyDocument document{
      .expiration = test_time(), .conditions = {}, .min_size = 1, .max_size = 9};
  document.conditions.push_back({PolicyCondition::Match::exact, "key", "a\"b\\"});
  document.conditions.push_back({PolicyCondition::Match::prefix, "content-type", "image/"});
  const std::string good = format_policy_document(document);
  int parsed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good;
    for (std::size_t i = below(random, 3) + 1; i > 0; --i) damage(random, bad);
    auto result = parse_policy_document(bad);
    if (!result.ok()) {
      ASSERT_EQ(result.error().code, "InvalidPolicyDocument");
      continue;
    }
    ++parsed;
    ASSERT_LE(result->min_size, result->max_size);
    // What was understood can be written down and understood again.
    std::string text = format_policy_document(*result);
    auto again = parse_policy_document(text);
    ASSERT_TRUE(again.ok()) << text;
    ASSERT_EQ(format_policy_document(*again), text);
  }
  EXPECT_GT(parsed, 0);
}

}  // namespace
}  // namespace tintype::sigv4
