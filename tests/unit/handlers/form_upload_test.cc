#include <gtest/gtest.h>

#include "base/encoding.h"
#include "handlers/multipart_parser.h"
#include "support/api_world.h"

namespace tintype::testing {
namespace {

Answer upload(ApiWorld& world, const std::vector<FormPart>& parts,
              std::vector<std::pair<std::string, std::string>> headers = {},
              std::string_view boundary = "XyZ", const std::string& query = "") {
  headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + std::string(boundary));
  return world.send({"POST", "/images" + query, form_body(parts, boundary), headers, 11});
}

const FormPart kFile{"file", "hello", "sea.jpg", "image/jpeg"};

TEST(FormUpload, AnswersWithTheFinishedImage) {
  ApiWorld world;
  auto answer = upload(world, {{"user_id", "ann"},
                               {"tags", "Sea, sun"},
                               {"tags", "sky"},
                               {"description", "d"},
                               {"metadata", R"({"a":1})"},
                               {"visibility", "public"},
                               kFile,
                               {"size", "5"}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  auto json = answer.json();
  EXPECT_EQ(json.at("status"), "active");
  EXPECT_EQ(json.at("filename"), "sea.jpg");
  EXPECT_EQ(json.at("tags"), (boost::json::array{"sea", "sun", "sky"}));
  EXPECT_EQ(json.at("metadata").at("a"), 1);
  EXPECT_EQ(world.read(std::string(json.at("s3_key").as_string())), "hello");
  EXPECT_EQ(world.keys().size(), 1u);
}

TEST(FormUpload, ABadFormLeavesNothing) {
  ApiWorld world;
  EXPECT_EQ(upload(world, {{"user_id", "ann"}}).status, 400);
  EXPECT_EQ(upload(world, {kFile, {"size", "6"}}).json().at("errors").at(0).at("code"),
            "size_mismatch");
  EXPECT_EQ(upload(world, {kFile, {"colour", "red"}}).json().at("errors").at(0).at("code"),
            "unknown_field");
  EXPECT_EQ(upload(world, {{"file", "x", "a.txt", "text/plain"}}).status, 415);
  EXPECT_EQ(upload(world, {{"file", "", "a.jpg", "image/jpeg"}}).status, 400);
  EXPECT_EQ(upload(world, {kFile, kFile}).status, 400);
  EXPECT_EQ(upload(world, {{"description", std::string(70'000, 'x')}, kFile}).status, 413);
  world.context.limits.max_upload_bytes = 4;
  EXPECT_EQ(upload(world, {kFile}).code(), "payload_too_large");
  EXPECT_TRUE(world.keys().empty());
  EXPECT_EQ(*world.memory_metadata.usage("anonymous"), Usage{});
}

TEST(FormUpload, ABadPictureIsUnprocessable) {
  ApiWorld world;
  world.images.answer = [] {
    return Result<ImageFacts>(Error{ErrorKind::unprocessable, "corrupt_image", "Truncated.", {}});
  };
  auto answer = upload(world, {kFile});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.code(), "corrupt_image");
  EXPECT_TRUE(world.keys().empty());
}

TEST(FormUpload, QuotaAndFaultsLeaveNothing) {
  ApiWorld world;
  world.context.limits.max_user_bytes = 3;
  EXPECT_EQ(upload(world, {kFile}).code(), "quota_exceeded");
  EXPECT_TRUE(world.keys().empty());
  world.context.limits.max_user_bytes = 0;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    world.objects.fail_at(n, storage_full_error("full"));
    EXPECT_EQ(upload(world, {kFile}).status, 507);
    EXPECT_TRUE(world.keys().empty());
  }
}

TEST(FormUpload, WhatThereWasNoTimeForIsFinishedLater) {
  ApiWorld world;
  std::vector<ImageId> later;
  world.api_context.on_uploaded = [&](const ImageId& id) { later.push_back(id); };
  world.images.answer = [] { return Result<ImageFacts>(unavailable_error("busy")); };
  EXPECT_EQ(upload(world, {kFile}).status, 503);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(world.metadata.get(later.front())->status, ImageStatus::processing);
}

TEST(FormUpload, TheSameContentAgain) {
  ApiWorld world;
  FormPart hash{"sha256", hex_encode(sha256("hello"))};
  auto first = upload(world, {hash, kFile});
  ASSERT_EQ(first.status, 201);
  auto second = upload(world, {hash, kFile});
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.json().at("duplicate"), true);
  EXPECT_EQ(world.keys().size(), 1u);
  EXPECT_EQ(upload(world, {hash, kFile}, {}, "XyZ", "?allow_duplicate=true").status, 201);
  EXPECT_EQ(upload(world, {kFile}, {}, "XyZ", "?allow=1").status, 400);
}

TEST(FormUpload, IdempotentWhateverTheBoundary) {
  ApiWorld world;
  auto first = upload(world, {kFile}, {{"Idempotency-Key", "k"}});
  auto again = upload(world, {kFile}, {{"Idempotency-Key", "k"}}, "another");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  auto other = upload(world, {kFile, {"description", "x"}}, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(other.code(), "idempotency_mismatch");
  EXPECT_EQ(world.keys().size(), 1u);
}

// A crash at each call of the stores, before or after its effect; then the form is sent again.
TEST(FormUpload, IsNotStoredTwiceAfterACrash) {
  using When = FaultyMetadataStore::When;
  int crashed = 0;
  for (const When when : {When::before, When::after}) {
    for (std::uint64_t call = 1; call < 20; ++call) {
      ApiWorld world;
      const auto crash = unavailable_error("crash");
      world.metadata.on_call([&](std::uint64_t number, std::string_view) {
        if (number == call) world.metadata.fail_from(1, crash);
      });
      world.metadata.fail_at(call, crash, when);
      const auto first = upload(world, {kFile}, {{"Idempotency-Key", "k"}});
      if (world.metadata.failures() == 0) break;
      ++crashed;
      world.metadata.on_call({});
      world.metadata.heal();
      world.clock.advance(std::chrono::minutes(5));  // the hold and the lease are over
      const auto again = upload(world, {kFile}, {{"Idempotency-Key", "k"}}, "another");
      ASSERT_EQ(again.status, 201) << call << again.body;
      EXPECT_EQ(again.text("status"), "active");
      EXPECT_EQ(world.memory_metadata.scan(std::nullopt, 10)->size(), 1u) << call;
      EXPECT_EQ(world.memory_metadata.usage("anonymous")->images, 1u);
      EXPECT_EQ(world.keys().size(), 1u) << "call " << call << ": bytes without a record";
      if (first.status == 201) {
        EXPECT_EQ(first.text("image_id"), again.text("image_id"));
      }
    }
  }
  EXPECT_GT(crashed, 6);
}

// The bytes of an earlier try are gone, whoever took them: those of this one are used.
TEST(FormUpload, BringsTheBytesThatAnEarlierTryHasLost) {
  ApiWorld world;
  world.metadata.fail_at(2, unavailable_error("lost"), FaultyMetadataStore::When::after);
  EXPECT_EQ(upload(world, {kFile}, {{"Idempotency-Key", "k"}}).status, 503);
  for (const auto& key : world.keys()) ASSERT_TRUE(world.memory_objects.remove(key).ok());
  const auto again = upload(world, {kFile}, {{"Idempotency-Key", "k"}}, "another");
  ASSERT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(again.text("status"), "active");
  EXPECT_EQ(world.memory_metadata.scan(std::nullopt, 10)->size(), 1u);
  EXPECT_EQ(world.keys().size(), 1u);
}

TEST(FormUpload, AnotherFileNameOrSplitOfFieldsIsAnotherRequest) {
  ApiWorld world;
  auto keyed = [&](const std::vector<FormPart>& parts, const std::string& key) {
    return upload(world, parts, {{"Idempotency-Key", key}});
  };
  EXPECT_EQ(keyed({kFile}, "k").status, 201);
  EXPECT_EQ(keyed({{"file", "hello", "sun.jpg", "image/jpeg"}}, "k").code(),
            "idempotency_mismatch");
  EXPECT_EQ(keyed({{"file", "hello", "sea.jpg", "image/png"}}, "k").code(), "idempotency_mismatch");
  EXPECT_EQ(keyed({{"description", "x\ntags=y"}, kFile}, "split").status, 201);
  EXPECT_EQ(keyed({{"description", "x"}, {"tags", "y"}, kFile}, "split").code(),
            "idempotency_mismatch");
}

TEST(FormUpload, AnUnknownFieldsNameIsCutBetweenCharacters) {
  ApiWorld world;
  for (std::size_t lead = 0; lead < 4; ++lead) {
    std::string name(lead, 'x');
    for (int i = 0; i < 60; ++i) name += "\xE2\x82\xAC";
    EXPECT_TRUE(is_valid_utf8(upload(world, {{name, "1"}, kFile}).body)) << lead;
  }
}

// Collects parts as `name|filename|type|bytes`.
class Collector final : public PartHandler {
 public:
  Result<void> on_part(const PartHeaders& part) override {
    parts.push_back(part.name + "|" + part.filename.value_or("-") + "|" + part.content_type + "|");
    return {};
  }
  Result<void> on_data(std::string_view bytes) override {
    parts.back() += bytes;
    return {};
  }
  Result<void> on_part_end() override {
    ++ended;
    return {};
  }
  std::vector<std::string> parts;
  std::size_t ended = 0;
};

Result<std::vector<std::string>> parse(std::string_view body, std::size_t piece) {
  Collector collector;
  MultipartParser parser("b", collector);
  for (std::size_t at = 0; at < body.size(); at += piece) TRY(parser.feed(body.substr(at, piece)));
  TRY(parser.finish());
  EXPECT_EQ(collector.ended, collector.parts.size());
  return collector.parts;
}

TEST(Multipart, AnySplitGivesTheSameParts) {
  std::string body =
      "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--\r\n--b  \r\n"
      "content-disposition: form-data; filename=\"x \\\"y\\\".jpg\"; name=f\r\nContent-Type: "
      "image/jpeg\r\n\r\n"
      "\r\n--bad\r\n\r\n--b\r\nContent-Disposition: form-data; name=e\r\n\r\n\r\n--b--\r\nepilogue";
  std::vector<std::string> expected = {"a|-||one\r\n--", "f|x \"y\".jpg|image/jpeg|\r\n--bad\r\n",
                                       "e|-||"};
  // `--bad` begins like the delimiter `--b`: RFC 2046 takes it for one, so use another boundary
  // body.
  auto at = body.find("--bad");
  body.replace(at, 5, "--xad");
  expected[1] = "f|x \"y\".jpg|image/jpeg|\r\n--xad\r\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    auto parts = parse(body, piece);
    ASSERT_TRUE(parts.ok()) << piece << parts.error().detail;
    EXPECT_EQ(*parts, expected) << piece;
  }
}

TEST(Multipart, MalformedBodiesAreErrors) {
  for (std::string body :
       {std::string("x"), std::string("--b\r\n"), std::string("--b junk\r\n"),
        std::string("--b\r\n\r\n\r\n--b--"), std::string("--b\r\nno colon\r\n\r\nx\r\n--b--"),
        std::string("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        std::string("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
        std::string("--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--b--"),
        "--b\r\nX: " + std::string(9000, 'x'), std::string(9000, 'x')})
    EXPECT_FALSE(parse(body, 1000).ok()) << body.substr(0, 60);
  EXPECT_FALSE(multipart_boundary("multipart/form-data").ok());
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'b')).ok());
  EXPECT_EQ(*multipart_boundary("multipart/form-data; charset=utf-8; boundary=\"a b\""), "a b");
}

TEST(Multipart, RandomDamageNeverCrashes) {
  SeededRandom random(5);
  std::string body = form_body({{"a", "1"}, {"file", "hello", "a.jpg", "image/jpeg"}}, "b");
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = body;
    for (int k = 0; k < 3; ++k)
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    (void)parse(damaged, 1 + random.below(40));
  }
}

}  // namespace
}  // namespace tintype::testing
