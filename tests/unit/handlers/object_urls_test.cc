#include <gtest/gtest.h>

#include "handlers/byte_range.h"
#include "services/delete_image.h"
#include "services/download_image.h"
#include "support/api_world.h"

namespace tintype::testing {
namespace {

struct Ticket {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string id;
};

Ticket create(ApiWorld& world, const std::string& more = "") {
  auto answer = world.post(
      "/images", R"({"filename":"a.jpg","content_type":"image/jpeg","size":5)" + more + "}");
  Ticket ticket;
  auto json = answer.json();
  ticket.url = json.at("upload_url").as_string();
  ticket.id = json.at("image_id").as_string();
  for (const auto& member : json.at("upload_headers").as_object())
    ticket.headers.emplace_back(member.key(), member.value().as_string());
  return ticket;
}

std::string code_of(const Answer& answer) {
  auto from = answer.body.find("<Code>") + 6;
  return answer.body.substr(from, answer.body.find("</Code>") - from);
}

TEST(PutObject, StoresExactlyWhatWasSigned) {
  ApiWorld world;
  auto ticket = create(world);
  auto put = world.send({"PUT", ticket.url, "hello", ticket.headers});
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_FALSE(put.header("ETag").empty());
  EXPECT_EQ(world.arrived.size(), 1u);
  EXPECT_EQ(world.read("incoming/" + ticket.id), "hello");
}

TEST(PutObject, RefusesWhatWasNotSigned) {
  ApiWorld world;
  auto ticket = create(world);
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "longer!", ticket.headers})),
            "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "hello", {{"content-type", "image/png"}}})),
            "SignatureDoesNotMatch");
  auto tampered = ticket.url;
  tampered.back() = tampered.back() == '0' ? '1' : '0';
  auto refused = world.send({"PUT", tampered, "hello", ticket.headers});
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.close);
  EXPECT_EQ(code_of(world.send({"PUT", "/objects/other/incoming/x", "hello", {}})), "NoSuchBucket");
  EXPECT_EQ(world.send({"PUT", ticket.url.substr(0, ticket.url.find('?')), "hello", {}}).status,
            403);
  world.clock.advance(std::chrono::minutes(16));
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "hello", ticket.headers})), "AccessDenied");
  EXPECT_TRUE(world.keys().empty());
  EXPECT_TRUE(world.arrived.empty());
}

TEST(PutObject, AReplayedUrlChangesNothing) {
  ApiWorld world;
  auto ticket = create(world);
  ASSERT_EQ(world.send({"PUT", ticket.url, "hello", ticket.headers}).status, 200);
  EXPECT_EQ(world.post("/images/" + ticket.id + "/complete").json().at("status"), "active");
  auto replay = world.send({"PUT", ticket.url, "other", ticket.headers});
  EXPECT_EQ(replay.status, 403);
  EXPECT_EQ(code_of(replay), "AccessDenied");
  EXPECT_EQ(world.keys().size(), 1u);
}

TEST(PutObject, ChecksTheChecksum) {
  ApiWorld world;
  auto ticket = create(world, ",\"sha256\":\"" + hex_encode(sha256("hello")) + "\"");
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "jello", ticket.headers})), "BadDigest");
  auto put = world.send({"PUT", ticket.url, "hello", ticket.headers});
  EXPECT_EQ(put.header("x-amz-checksum-sha256"), base64_encode(sha256("hello")));
}

TEST(PutObject, NeedsALength) {
  ApiWorld world;
  auto ticket = create(world);
  EXPECT_EQ(
      world
          .send(
              {"PUT", ticket.url, "hello", {{"content-type", "image/jpeg"}, {"Content-MD5", "x"}}})
          .status,
      501);
  auto large = world.send({"PUT", ticket.url, std::string(11 << 20, 'x'), ticket.headers});
  EXPECT_EQ(code_of(large), "EntityTooLarge");
}

TEST(ObjectUrls, WhatNoRouteTakesIsRefusedInXml) {
  ApiWorld world;
  auto ticket = create(world);
  auto wrong = world.send({"DELETE", ticket.url, "", {}});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(code_of(wrong), "MethodNotAllowed");
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, PUT, OPTIONS");
  auto garbled = world.get("/objects/image-storage-bucket/%zz");
  EXPECT_EQ(garbled.status, 404);
  EXPECT_EQ(code_of(garbled), "NoSuchKey");
}

TEST(PutObject, AStoreThatFails) {
  ApiWorld world;
  auto ticket = create(world);
  world.objects.fail_at(1, storage_full_error("full"));
  EXPECT_EQ(world.send({"PUT", ticket.url, "hello", ticket.headers}).status, 507);
  world.objects.fail_at(2, storage_full_error("full"));
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "hello", ticket.headers})),
            "InsufficientStorage");
  world.objects.fail_at(3, internal_error("disk"));
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "hello", ticket.headers})), "InternalError");
  world.metadata.fail_at(1, unavailable_error("busy"));
  EXPECT_EQ(code_of(world.send({"PUT", ticket.url, "hello", ticket.headers})), "SlowDown");
  EXPECT_TRUE(world.keys().empty());
}

std::string link(ApiWorld& world, const ImageMetadata& image) {
  return download_image(world.context, image, {})->url;
}

TEST(GetObject, BytesHeadersAndRanges) {
  ApiWorld world;
  auto image = world.create_active("0123456789");
  auto url = link(world, image);
  auto whole = world.get(url);
  ASSERT_EQ(whole.status, 200) << whole.body;
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_EQ(whole.header("Content-Type"), "image/jpeg");
  EXPECT_EQ(whole.header("Content-Disposition"), "attachment; filename=\"photo.jpg\"");
  EXPECT_EQ(whole.header("X-Content-Type-Options"), "nosniff");
  auto ranged = [&](const std::string& range) {
    return world.send({"GET", url, "", {{"Range", range}}});
  };
  auto part = ranged("bytes=2-4");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(ranged("bytes=-3").body, "789");
  EXPECT_EQ(ranged("bytes=7-").body, "789");
  EXPECT_EQ(ranged("bytes=0-1,4-5").status, 200);
  auto bad = ranged("bytes=10-");
  EXPECT_EQ(bad.status, 416);
  EXPECT_EQ(bad.header("Content-Range"), "bytes */10");
  auto etag = whole.header("ETag");
  EXPECT_EQ(world.send({"GET", url, "", {{"If-None-Match", etag}}}).status, 304);
  EXPECT_EQ(
      world.send({"GET", url, "", {{"If-Modified-Since", whole.header("Last-Modified")}}}).status,
      304);
  EXPECT_EQ(world.send({"GET", url, "", {{"Range", "bytes=0-0"}, {"If-Range", etag}}}).status, 206);
  EXPECT_EQ(world.send({"GET", url, "", {{"Range", "bytes=0-0"}, {"If-Range", "\"x\""}}}).status,
            200);
  EXPECT_EQ(world.send({"HEAD", url, "", {}}).status, 200);
}

TEST(GetObject, BelowAProxysPath) {
  ApiWorld world;
  auto image = world.create_active("hello");
  PresignGet request;
  request.key = image.s3_key;
  request.now = world.clock.now();
  LocalPresignerOptions options;
  options.public_url = "http://127.0.0.1:8080/media";
  auto url = LocalPresigner(options).get(request)->url;
  EXPECT_EQ(world.get("/" + url.substr(url.find("objects/"))).status, 403);
  world.api_context.config.public_url = options.public_url;
  EXPECT_EQ(world.get("/" + url.substr(url.find("objects/"))).body, "hello");
}

TEST(GetObject, IsGoneWithItsImage) {
  ApiWorld world;
  auto image = world.create_active("hello");
  auto url = link(world, image);
  ASSERT_TRUE(purge_image(world.context, image.image_id, {}).ok());
  EXPECT_EQ(code_of(world.get(url)), "NoSuchKey");
  world.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(world.get(url).status, 403);
}

TEST(GetObject, WithoutAKeyThereAreNoObjectUrls) {
  ApiWorld world;
  auto url = link(world, world.create_active());
  world.api_context.config.object_credentials.reset();
  EXPECT_EQ(code_of(world.get(url)), "InvalidAccessKeyId");
}

TEST(ByteRange, Syntax) {
  using Kind = RangeDecision::Kind;
  for (const char* whole :
       {"", "items=0-1", "bytes=", "bytes=a-b", "bytes=5-2", "bytes=1", "bytes=--1", "bytes=-x"})
    EXPECT_EQ(decide_range(whole, 10).kind, Kind::whole) << whole;
  for (const char* none : {"bytes=10-10", "bytes=-0", "bytes=99999999999999999999-"})
    EXPECT_EQ(decide_range(none, 10).kind, Kind::unsatisfiable) << none;
  EXPECT_EQ(decide_range("bytes=-5", 0).kind, Kind::unsatisfiable);
  EXPECT_EQ(decide_range("bytes=3-99999999999999999999", 10).range.last, 9u);
  EXPECT_EQ(decide_range("bytes=-99", 10).range.first, 0u);
}

std::vector<FormPart> form_of(ApiWorld& world, std::string* url = nullptr) {
  auto answer = world.post(
      "/images", R"({"filename":"a.jpg","content_type":"image/jpeg","size":5,"upload":"post"})");
  std::vector<FormPart> parts;
  auto json = answer.json();
  for (const auto& member : json.at("upload_fields").as_object())
    parts.push_back({std::string(member.key()), std::string(member.value().as_string())});
  if (url) *url = json.at("upload_url").as_string();
  return parts;
}

Answer post_form(ApiWorld& world, const std::string& url, const std::vector<FormPart>& parts,
                 std::size_t piece = 7) {
  return world.send({"POST",
                     url,
                     form_body(parts),
                     {{"Content-Type", "multipart/form-data; boundary=XyZ"}},
                     piece});
}

TEST(PostObject, TakesAForm) {
  for (std::size_t piece : {1u, 7u, 100'000u}) {
    ApiWorld world;
    std::string url;
    auto parts = form_of(world, &url);
    parts.push_back({"file", "hello", "a.jpg", "image/jpeg"});
    parts.push_back({"after", "ignored"});
    auto posted = post_form(world, url, parts, piece);
    ASSERT_EQ(posted.status, 204) << posted.body;
    EXPECT_EQ(world.arrived.size(), 1u);
    EXPECT_EQ(world.read(world.keys().at(0)), "hello");
  }
}

TEST(PostObject, RefusesWhatThePolicyDoesNotAllow) {
  ApiWorld world;
  std::string url;
  auto parts = form_of(world, &url);
  auto with = [&](FormPart extra, FormPart file) {
    auto all = parts;
    if (!extra.name.empty()) all.push_back(extra);
    all.push_back(file);
    return post_form(world, url, all);
  };
  FormPart file{"file", "hello", "a.jpg", "image/jpeg"};
  EXPECT_EQ(with({"acl", "public-read"}, file).status, 403);
  EXPECT_EQ(code_of(with({}, {"file", "much longer", "a.jpg"})), "EntityTooLarge");
  EXPECT_EQ(code_of(with({}, {"file", "tiny", "a.jpg"})), "EntityTooSmall");
  EXPECT_EQ(code_of(post_form(world, url, parts)), "InvalidArgument");
  EXPECT_EQ(code_of(with({"x-ignore-a", std::string(30'000, 'x')}, file)),
            "MaxPostPreDataLengthExceeded");
  EXPECT_EQ(world.send({"POST", url, "x", {{"Content-Type", "text/plain"}}}).status, 412);
  EXPECT_EQ(world
                .send({"POST",
                       "/objects/other",
                       "x",
                       {{"Content-Type", "multipart/form-data; boundary=a"}}})
                .status,
            404);
  auto cut = form_body(parts);
  EXPECT_EQ(code_of(world.send({"POST",
                                url,
                                cut.substr(0, cut.size() - 10),
                                {{"Content-Type", "multipart/form-data; boundary=XyZ"}}})),
            "MalformedPOSTRequest");
  std::vector<FormPart> many(70, {"x-ignore-a", "1"});
  EXPECT_EQ(code_of(post_form(world, url, many)), "MalformedPOSTRequest");
  EXPECT_TRUE(world.keys().empty());
}

}  // namespace
}  // namespace tintype::testing
