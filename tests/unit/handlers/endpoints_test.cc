#include <gtest/gtest.h>

#include "services/delete_image.h"
#include "support/api_world.h"

namespace tintype::testing {
namespace {

const std::string kNew =
    R"({"filename":"a.jpg","content_type":"image/jpeg","size":5,"user_id":"ann"})";

TEST(Create, AnswersWithTheTicketAndTheImage) {
  ApiWorld world;
  auto answer = world.post("/images", kNew);
  ASSERT_EQ(answer.status, 201) << answer.body;
  auto json = answer.json();
  auto id = std::string(json.at("image_id").as_string());
  EXPECT_EQ(answer.header("Location"), "http://127.0.0.1:8080/images/" + id);
  EXPECT_EQ(answer.header("ETag"), "\"1\"");
  EXPECT_EQ(json.at("status"), "processing");
  EXPECT_EQ(json.at("upload_method"), "PUT");
  EXPECT_EQ(json.at("upload_headers").at("content-type"), "image/jpeg");
  EXPECT_EQ(json.at("image").at("user_id"), "ann");
  EXPECT_EQ(json.at("image").at("width"), nullptr);
}

TEST(Create, WithoutAUserIsAnonymous) {
  ApiWorld world;
  auto answer =
      world.post("/images", R"({"filename":"a.jpg","content_type":"image/jpeg","size":5})");
  EXPECT_EQ(answer.json().at("image").at("user_id"), "anonymous");
}

TEST(Create, NamesEveryBadFieldAtOnce) {
  ApiWorld world;
  auto answer = world.post("/images", R"({"filename":7,"content_type":"text/plain","size":-1,
      "user_id":"a b","tags":["a b"],"sha256":"x","visibility":"secret","description":[],
      "metadata":[],"upload":"ftp","extra":1})");
  ASSERT_EQ(answer.status, 400) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.code(), "validation_failed");
  std::set<std::string> fields;
  auto json = answer.json();
  for (const auto& error : json.at("errors").as_array())
    EXPECT_TRUE(fields.insert(std::string(error.at("field").as_string())).second) << "twice";
  EXPECT_EQ(fields,
            (std::set<std::string>{"filename", "content_type", "size", "user_id", "tags", "sha256",
                                   "visibility", "description", "metadata", "upload", "extra"}));
}

TEST(Create, MissingFieldsAreRequired) {
  ApiWorld world;
  auto answer = world.post("/images", "{}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json().at("errors").as_array().size(), 3u);
}

TEST(Create, ASingleCauseHasItsOwnStatus) {
  ApiWorld world;
  EXPECT_EQ(world.post("/images", R"({"filename":"a","content_type":"image/jpeg","size":99999999})")
                .status,
            413);
  EXPECT_EQ(
      world.post("/images", R"({"filename":"a","content_type":"text/plain","size":5})").status,
      415);
}

TEST(Create, RefusesWhatIsNoJsonObject) {
  ApiWorld world;
  for (std::string body : {"", "[", "[]", "{\"a\":\"\xff\"}", "{\"filename\":\"a\"} x"})
    EXPECT_EQ(world.post("/images", body).code(), "invalid_json") << body;
  std::string bomb(100'000, '[');
  EXPECT_EQ(world.post("/images", bomb).code(), "invalid_json");
  std::string deep = R"({"metadata":)";
  for (int i = 0; i < 40; ++i) deep += "{\"a\":";
  EXPECT_EQ(world.post("/images", deep + "1" + std::string(41, '}')).code(), "invalid_json");
}

TEST(Create, TheFormTicket) {
  ApiWorld world;
  auto answer = world.post("/images", kNew.substr(0, kNew.size() - 1) + R"(,"upload":"post"})");
  ASSERT_EQ(answer.status, 201);
  EXPECT_EQ(answer.json().at("upload_method"), "POST");
  EXPECT_TRUE(answer.json().at("upload_fields").as_object().contains("policy"));
}

TEST(Create, ADuplicateNeedsNoUpload) {
  ApiWorld world;
  auto image = world.create_active("hello");
  std::string body =
      R"({"filename":"a.jpg","content_type":"image/jpeg","size":5,"user_id":"ann","sha256":")" +
      *image.sha256 + "\"}";
  auto answer = world.post("/images", body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().at("duplicate"), true);
  EXPECT_EQ(answer.text("image_id"), image.image_id.to_string());
  EXPECT_EQ(world.post("/images?allow_duplicate=true", body).status, 201);
  EXPECT_EQ(world.post("/images?allow_duplicate=maybe", body).status, 400);
}

TEST(Idempotency, TheSameRequestHasOneEffect) {
  ApiWorld world;
  auto first = world.post("/images", kNew, {{"Idempotency-Key", "k1"}});
  auto again = world.post("/images", kNew, {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(world.memory_metadata.usage("ann")->images, 1u);
  auto other = world.post("/images", kNew + " ", {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.code(), "idempotency_mismatch");
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", std::string(300, 'x')}}).status, 400);
  world.clock.advance(std::chrono::hours(25));
  EXPECT_NE(world.post("/images", kNew, {{"Idempotency-Key", "k1"}}).body, first.body);
}

TEST(Idempotency, AFailureOfOursIsTriedAgain) {
  ApiWorld world;
  world.metadata.fail_at(2, unavailable_error("disk"));
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 503);
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 201);
  world.metadata.fail_at(1, unavailable_error("disk"));
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 503);
}

TEST(Idempotency, AConflictIsTriedAgain) {
  ApiWorld world;
  auto image = world.create();
  auto path = ApiWorld::path(image) + "/complete";
  EXPECT_EQ(world.post(path, "{}", {{"Idempotency-Key", "k"}}).code(), "upload_missing");
  world.put_bytes(image.s3_key, "bytes");
  EXPECT_EQ(world.post(path, "{}", {{"Idempotency-Key", "k"}}).json().at("status"), "active");
}

// A crash between the record and its answer, here before the n-th call of the store.
TEST(Idempotency, WhatWasMadeBeforeACrashIsNotMadeAgain) {
  using When = FaultyMetadataStore::When;
  const auto crash = unavailable_error("crash");
  for (int lost = 0; lost < 2; ++lost) {
    ApiWorld world;
    // begin, insert; then the answer cannot be kept, or the insert's own answer is lost.
    if (lost == 0) world.metadata.fail_from(3, crash);
    else world.metadata.fail_at(2, crash, When::after);
    const auto first = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
    EXPECT_EQ(first.status, lost == 0 ? 201 : 503);
    world.metadata.heal();
    world.clock.advance(seconds(61));
    const auto again = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
    ASSERT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(world.memory_metadata.usage("ann")->images, 1u);
    const auto records = *world.memory_metadata.scan(std::nullopt, 10);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(again.text("image_id"), records[0].image_id.to_string());
    if (lost == 0) {
      EXPECT_EQ(again.text("image_id"), first.text("image_id"));
    }
    // The URL is signed anew: the first one may have expired.
    EXPECT_GT(again.json().at("expires_at").as_string(), format_rfc3339(world.clock.now()));
    EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).body, again.body);
  }
}

// The original of a finished image is never written again.
TEST(Idempotency, ALateTryOfAFinishedUploadSendsNothing) {
  ApiWorld world;
  world.metadata.fail_from(3, unavailable_error("crash"));  // the answer is not kept
  const auto first = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
  world.metadata.heal();
  auto image = (*world.memory_metadata.scan(std::nullopt, 10)).at(0);
  world.put_bytes(image.s3_key, "bytes");
  const auto path = "/images/" + first.text("image_id");
  ASSERT_EQ(world.post(path + "/complete").json().at("status"), "active");
  world.clock.advance(seconds(61));
  const auto again = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.json().at("duplicate"), true);
  EXPECT_EQ(again.body.find("X-Amz-Signature"), std::string::npos) << again.body;
}

TEST(Idempotency, ALateTryOfAnUploadThatIsGoneIsToldSo) {
  ApiWorld world;
  world.metadata.fail_from(3, unavailable_error("crash"));
  const auto first = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
  world.metadata.heal();
  ASSERT_EQ(world.remove("/images/" + first.text("image_id")).status, 200);
  world.clock.advance(seconds(61));
  const auto again = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.status, 410) << again.body;
  EXPECT_EQ(again.code(), "image_deleted");
}

// Two tries at once: the first one was slow, not dead, and inserts after the second has looked.
TEST(Idempotency, OfTwoTriesAtOnceBothFindTheImage) {
  ApiWorld world;
  world.metadata.fail_at(2, unavailable_error("lost"), FaultyMetadataStore::When::after);
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 503);
  const auto image = (*world.memory_metadata.scan(std::nullopt, 10)).at(0);
  ASSERT_TRUE(world.memory_metadata.remove(image.image_id, image.revision).ok());
  const auto from = world.metadata.calls();
  world.metadata.on_call([&](std::uint64_t call, std::string_view method) {
    if (call == from + 3 && method == "insert") (void)world.memory_metadata.insert(image, {});
  });
  const auto again = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(again.text("image_id"), image.image_id.to_string());
}

TEST(Idempotency, AQuotaDoesNotHideWhatWasMade) {
  ApiWorld world;
  world.context.limits.max_user_images = 1;
  world.metadata.fail_at(2, unavailable_error("disk"), FaultyMetadataStore::When::after);
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 503);
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 201);
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k2"}}).code(), "quota_exceeded");
}

TEST(Idempotency, ABatchDoesNotCreateAgain) {
  ApiWorld world;
  const std::string create = R"({"op":"create",)" + kNew.substr(1);
  const std::string batch = R"({"operations":[)" + create + "," + create + "]}";
  // begin, insert, insert, finish: the first insert's answer is lost, then all of the others fail.
  world.metadata.fail_at(2, unavailable_error("disk"), FaultyMetadataStore::When::after);
  world.metadata.on_call([&](std::uint64_t call, std::string_view) {
    if (call == 3) world.metadata.fail_from(1, unavailable_error("crash"));
  });
  EXPECT_EQ(world.post("/images/batch", batch, {{"Idempotency-Key", "k"}}).status, 200);
  world.metadata.on_call({});
  world.metadata.heal();
  world.clock.advance(seconds(61));
  const auto again = world.post("/images/batch", batch, {{"Idempotency-Key", "k"}});
  ASSERT_EQ(again.status, 200);
  const auto json = again.json();
  for (const auto& result : json.at("results").as_array())
    EXPECT_EQ(result.at("status"), 201) << again.body;
  EXPECT_EQ(world.memory_metadata.scan(std::nullopt, 10)->size(), 2u);
}

TEST(Idempotency, ABatchThatFailedInPartIsTriedAgain) {
  ApiWorld world;
  const std::string create = R"({"op":"create",)" + kNew.substr(1);
  const std::string batch = R"({"operations":[)" + create + "," + create + "]}";
  world.metadata.fail_at(2, unavailable_error("disk"), FaultyMetadataStore::When::after);
  const auto first = world.post("/images/batch", batch, {{"Idempotency-Key", "k"}});
  EXPECT_NE(first.body.find("\"status\":503"), std::string::npos);
  const auto again = world.post("/images/batch", batch, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.body.find("\"status\":503"), std::string::npos) << again.body;
  EXPECT_EQ(world.memory_metadata.scan(std::nullopt, 10)->size(), 2u);
  EXPECT_EQ(world.post("/images/batch", batch, {{"Idempotency-Key", "k"}}).body, again.body);
}

TEST(Idempotency, ARequestUnderWayIsAConflict) {
  ApiWorld world;
  world.metadata.fail_from(2, unavailable_error("disk"));  // the hold cannot be lifted either
  EXPECT_EQ(world.post("/images", kNew, {{"Idempotency-Key", "k"}}).status, 503);
  world.metadata.heal();
  auto answer = world.post("/images", kNew, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.code(), "idempotency_in_progress");
}

// Where a store is and why it refuses is its operator's business.
TEST(Problems, WhatTheOperatorMustDoIsNotForClients) {
  ApiWorld world;
  const auto image = world.create();
  const Error error{ErrorKind::unavailable, "aws_credentials", "/root/.aws is wrong.", {}};
  world.metadata.fail_from(1, error);
  const auto path = ApiWorld::path(image);
  const auto batch =
      R"({"operations":[{"op":"get","image_id":")" + image.image_id.to_string() + R"("}]})";
  const auto url = "/objects/" + image.s3_bucket + "/" + image.s3_key;
  for (const auto& answer : {world.get(path), world.post("/images", kNew), world.remove(path),
                             world.post("/images/batch", batch), world.get(url)})
    EXPECT_EQ(answer.body.find("aws"), std::string::npos) << answer.body;
  const auto answer = world.get(path);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.code(), "unavailable");
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_NE(world.get("/readyz").body.find("/root/.aws is wrong."), std::string::npos);
}

TEST(Get, TheImageAndItsConditions) {
  ApiWorld world;
  auto image = world.create_active();
  auto answer = world.get(ApiWorld::path(image));
  ASSERT_EQ(answer.status, 200) << answer.body;
  auto json = answer.json();
  EXPECT_EQ(json.at("width"), 640);
  EXPECT_EQ(json.at("exif").at("iso"), 100);
  EXPECT_EQ(json.at("animated"), false);
  EXPECT_EQ(json.at("links").at("self"),
            boost::json::value("http://127.0.0.1:8080" + ApiWorld::path(image)));
  auto etag = answer.header("ETag");
  for (std::string tag : {etag, "W/" + etag, std::string("*"), "\"x\", " + etag}) {
    auto unchanged = world.send({"GET", ApiWorld::path(image), "", {{"If-None-Match", tag}}});
    EXPECT_EQ(unchanged.status, 304);
    EXPECT_EQ(unchanged.body, "");
  }
  EXPECT_EQ(world.send({"GET", ApiWorld::path(image), "", {{"If-None-Match", "\"9\""}}}).status,
            200);
}

TEST(Get, FieldsAndLocation) {
  ApiWorld world;
  auto good = world.images.answer;
  world.images.answer = [good] {
    auto facts = good();
    facts->location_json = R"({"latitude":1.5})";
    facts->thumbhash = "abc";
    facts->dominant_color = "#102030";
    return facts;
  };
  auto image = world.create_active();
  auto path = ApiWorld::path(image);
  EXPECT_EQ(world.get(path).json().at("exif").as_object().contains("location"), false);
  auto owner = world.get(path + "?include=location").json();
  EXPECT_EQ(owner.at("exif").at("location").at("latitude"), 1.5);
  EXPECT_EQ(owner.at("placeholder").at("dominant_color"), "#102030");
  EXPECT_EQ(world.get(path + "?fields=size,tags").body, R"({"size":5,"tags":[]})");
  EXPECT_EQ(world.get(path + "?fields=nope").status, 400);
  EXPECT_EQ(world.get(path + "?include=everything").status, 400);
  EXPECT_EQ(world.get(path + "?colour=red").json().at("errors").at(0).at("code"), "unknown_field");
  EXPECT_EQ(world.get(path + "?fields=size&fields=tags").json().at("errors").at(0).at("code"),
            "duplicate_field");
  EXPECT_EQ(world.get(path + "?fields=%ff").status, 400);
  EXPECT_EQ(world.get(path + "?%zz=1").status, 400);
}

TEST(Get, WhatIsNotThere) {
  ApiWorld world;
  EXPECT_EQ(world.get("/images/nonsense").code(), "not_found");
  EXPECT_EQ(world.get("/images/01890a5d-ac96-774b-bcce-b302099a8057").status, 404);
  auto image = world.create_active();
  (void)delete_image(world.context, image.image_id, {});
  EXPECT_EQ(world.get(ApiWorld::path(image)).status, 410);
  EXPECT_EQ(world.get(ApiWorld::path(image)).code(), "image_deleted");
}

TEST(Complete, WaitsOrNot) {
  ApiWorld world;
  auto image = world.create_and_put();
  auto path = ApiWorld::path(image) + "/complete";
  auto accepted = world.send({"POST", path + "?wait=false", "", {}});
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(world.arrived, std::vector<ImageId>{image.image_id});
  auto done = world.send({"POST", path, "", {}});
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json().at("status"), "active");
  EXPECT_EQ(world.post(path + "?wait=false").status, 200);
  EXPECT_EQ(world.post(path + "?wait=perhaps").status, 400);
  auto empty = world.create();
  EXPECT_EQ(world.post(ApiWorld::path(empty) + "/complete").code(), "upload_missing");
  EXPECT_EQ(world.post(ApiWorld::path(empty) + "/complete?wait=false").code(), "upload_missing");
}

TEST(Update, IsAMergePatch) {
  ApiWorld world;
  auto image = world.create_active();
  auto path = ApiWorld::path(image);
  auto first = world.patch(path, R"({"filename":"b.jpg","tags":["Sea","#sun"],"description":"d",
      "metadata":{"a":{"b":1,"c":2}},"visibility":"public"})");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json().at("tags"), (boost::json::array{"sea", "sun"}));
  auto second =
      world.patch(path, R"({"metadata":{"a":{"b":null},"d":[1]},"tags":null,"description":null})");
  EXPECT_EQ(second.json().at("metadata"), boost::json::parse(R"({"a":{"c":2},"d":[1]})"));
  EXPECT_EQ(second.json().at("tags").as_array().size(), 0u);
  EXPECT_EQ(second.json().at("description"), nullptr);
  EXPECT_EQ(second.json().at("visibility"), "public");
  EXPECT_EQ(world.patch(path, R"({"metadata":null})").json().at("metadata").as_object().size(), 0u);
}

TEST(Update, RefusesBadFieldsAndStaleRevisions) {
  ApiWorld world;
  auto image = world.create_active();
  auto path = ApiWorld::path(image);
  auto bad = world.patch(path, R"({"filename":null,"visibility":"no","tags":["a b"],"size":1,
      "description":7,"metadata":{"a":{"b":{"c":{"d":{"e":1}}}}}})");
  EXPECT_EQ(bad.status, 400) << bad.body;
  EXPECT_EQ(bad.json().at("errors").as_array().size(), 5u) << bad.body;
  auto deep = world.patch(path, R"({"metadata":{"a":{"b":{"c":{"d":{"e":{}}}}}}})");
  EXPECT_EQ(deep.status, 400) << deep.body;
  auto etag = world.get(path).header("ETag");
  EXPECT_EQ(world.patch(path, R"({"tags":["x"]})", {{"If-Match", etag}}).status, 200);
  EXPECT_EQ(world.patch(path, R"({"tags":["y"]})", {{"If-Match", etag}}).status, 412);
  EXPECT_EQ(world.patch(path, R"({"tags":["y"]})", {{"If-Match", "W/" + etag}}).status, 412);
  EXPECT_EQ(world.patch(path, R"({"tags":["y"]})", {{"If-Match", "*"}}).status, 200);
  auto now = world.get(path).header("ETag");
  EXPECT_EQ(world.patch(path, R"({"tags":["z"]})", {{"If-Match", "\"1\", " + now}}).status, 200);
  EXPECT_EQ(world.patch(path, R"({"tags":["z"]})", {{"If-Match", "\"1\", \"77\""}}).status, 412);
  EXPECT_EQ(world.patch(path + "?x=1", "{}").status, 400);
}

TEST(Delete, SoftHardAndRestore) {
  ApiWorld world;
  auto image = world.create_active();
  auto path = ApiWorld::path(image);
  EXPECT_EQ(world.send({"DELETE", path, "", {{"If-Match", "\"99\""}}}).status, 412);
  auto deleted = world.remove(path);
  EXPECT_EQ(deleted.json().at("status"), "deleted");
  EXPECT_EQ(world.remove(path).body, deleted.body);
  EXPECT_EQ(world.post(path + "/restore").json().at("status"), "active");
  EXPECT_EQ(world.post(path + "/restore").code(), "not_deleted");
  EXPECT_EQ(world.post(path + "/restore?x=1").status, 400);
  EXPECT_EQ(world.remove(path + "?hard=what").status, 400);
  auto gone = world.remove(path + "?hard=true");
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(world.remove(path + "?hard=true").status, 404);
  EXPECT_EQ(world.get(path).status, 404);
}

TEST(Delete, ARestoredUploadWhoseBytesArrivedIsFinished) {
  ApiWorld world;
  auto image = world.create_and_put();
  auto empty = world.create();
  for (const auto& one : {image, empty}) {
    world.remove(ApiWorld::path(one));
    world.arrived.clear();
    EXPECT_EQ(world.post(ApiWorld::path(one) + "/restore").json().at("status"), "processing");
    EXPECT_EQ(world.arrived.size(), one.image_id == image.image_id ? 1u : 0u);
  }
  world.remove(ApiWorld::path(image));
  world.arrived.clear();
  world.post("/images/batch", R"({"operations":[{"op":"restore","image_id":")" +
                                  image.image_id.to_string() + "\"}]}");
  EXPECT_EQ(world.arrived, std::vector<ImageId>{image.image_id});
}

TEST(Download, LinkAndRedirect) {
  ApiWorld world;
  auto image = world.create_active("hello");
  auto path = ApiWorld::path(image) + "/download";
  auto link = world.get(path + "?expires_in=60&disposition=inline");
  ASSERT_EQ(link.status, 200);
  EXPECT_EQ(link.json().at("size"), 5);
  EXPECT_EQ(world.get(link.text("download_url")).body, "hello");
  auto redirect = world.get(path + "?redirect=true");
  EXPECT_EQ(redirect.status, 302);
  EXPECT_EQ(world.get(redirect.header("Location")).body, "hello");
  auto bad = world.get(path + "?expires_in=604801&disposition=sideways&variant=poster");
  EXPECT_EQ(bad.json().at("errors").as_array().size(), 3u);
  EXPECT_EQ(world.get(ApiWorld::path(world.create()) + "/download").code(), "not_ready");
}

TEST(List, FiltersAndPages) {
  ApiWorld world;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(seconds(1));
    ids.push_back(world.create_active("bytes" + std::to_string(i)).image_id.to_string());
  }
  auto page = world.get("/images?user_id=ann&limit=2&fields=image_id");
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(page.json().at("count"), 2);
  EXPECT_EQ(page.json().at("images").at(0).at("image_id"), boost::json::value(ids[4]));
  auto next = world.get("/images?user_id=ann&limit=3&last_key=" + page.text("last_key"));
  EXPECT_EQ(next.json().at("count"), 3);
  EXPECT_EQ(next.json().at("last_key"), nullptr);
  EXPECT_EQ(world.get("/images?user_id=bob&last_key=" + page.text("last_key")).code(),
            "invalid_cursor");
  auto oldest = world.get("/images?sort=oldest&limit=1");
  EXPECT_EQ(oldest.json().at("images").at(0).at("image_id"), boost::json::value(ids[0]));
  EXPECT_EQ(world.get("/images?status=processing").json().at("count"), 0);
  EXPECT_EQ(world.get("/images?content_type=image/png").json().at("count"), 0);
  EXPECT_EQ(world.get("/images?min_size=6&max_size=6").json().at("count"), 5);
  EXPECT_EQ(world.get("/images?start_date=2026-01-01&end_date=2026-01-01").json().at("count"), 5);
  EXPECT_EQ(world.get("/images?start_date=2026-01-02").json().at("count"), 0);
  EXPECT_EQ(world.get("/images?q=photo").json().at("count"), 5);
  EXPECT_EQ(world.get("/images?tags=a,b&tags_match=any").json().at("count"), 0);
}

TEST(List, NamesEveryBadParameter) {
  ApiWorld world;
  auto bad = world.get(
      "/images?user_id=a%20b&tags=a%20b&tags_match=some&content_type=x&start_date=x"
      "&end_date=x&status=purging&min_size=-1&max_size=x&q=%20&sort=up&limit=0&fields=x&similar=1");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.json().at("errors").as_array().size(), 14u) << bad.body;
}

TEST(Tags, CountsAndUsage) {
  ApiWorld world;
  auto wish = ServiceWorld::wish();
  wish.tags = {"sea", "sun"};
  auto image = world.create(wish);
  world.put_bytes(image.s3_key, "bytes");
  (void)complete_upload(world.context, image.image_id, deadline_in(seconds(5)));
  EXPECT_EQ(world.get("/tags?user_id=ann&prefix=s&limit=1").body,
            R"({"tags":[{"tag":"sea","count":1}]})");
  EXPECT_EQ(world.get("/tags?user_id=a%20b&prefix=%20%20&limit=x&y=1").status, 400);
  EXPECT_EQ(world.get("/users/ann/usage").body,
            R"({"images":1,"bytes":5,"limits":{"images":null,"bytes":null}})");
  world.context.limits.max_user_images = 7;
  EXPECT_EQ(world.get("/users/ann/usage").json().at("limits").at("images"), 7);
  EXPECT_EQ(world.get("/users/a%20b/usage").status, 400);
}

TEST(Batch, EachSucceedsOrFailsAlone) {
  ApiWorld world;
  auto image = world.create_active();
  auto waiting = world.create_and_put();
  auto id = image.image_id.to_string();
  auto answer = world.post("/images/batch", R"({"operations":[
    {"op":"create","filename":"a.jpg","content_type":"image/jpeg","size":5},
    {"op":"update","image_id":")" + id + R"(","tags":["a"]},
    {"op":"get","image_id":")" + id + R"("},
    {"op":"delete","image_id":")" + id + R"("},
    {"op":"restore","image_id":")" + id + R"("},
    {"op":"complete","image_id":")" + waiting.image_id.to_string() +
                                                R"("},
    {"op":"delete","image_id":")" + id + R"(","hard":true},
    {"op":"get","image_id":")" + id + R"("},
    {"op":"dance"}, {}, {"op":7}, {"op":"get"}, {"op":"get","image_id":"x"},
    {"op":"get","image_id":")" + id + R"(","size":1},
    {"op":"create","size":"x"}, {"op":"update","image_id":")" +
                                                id + R"(","size":1}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  auto json = answer.json();
  std::vector<std::int64_t> statuses;
  for (const auto& result : json.at("results").as_array())
    statuses.push_back(result.at("status").as_int64());
  EXPECT_EQ(statuses, (std::vector<std::int64_t>{201, 200, 200, 200, 200, 200, 204, 404, 400, 400,
                                                 400, 400, 404, 400, 400, 400}));
  EXPECT_EQ(json.at("results").at(0).at("upload").at("upload_method"), "PUT");
  EXPECT_EQ(json.at("results").at(5).at("image").at("status"), "active");
  EXPECT_EQ(json.at("results").at(7).at("problem").at("code"), "not_found");
}

TEST(Batch, HasBounds) {
  ApiWorld world;
  EXPECT_EQ(world.post("/images/batch", "{}").status, 400);
  EXPECT_EQ(world.post("/images/batch", R"({"operations":[]})").status, 400);
  EXPECT_EQ(world.post("/images/batch", R"({"operations":[1]})").status, 400);
  std::string many = R"({"operations":[{})";
  for (int i = 0; i < 100; ++i) many += ",{}";
  EXPECT_EQ(world.post("/images/batch", many + "]}").status, 400);
}

TEST(Health, TakesNoParameters) {
  ApiWorld world;
  for (std::string path : {"/healthz", "/readyz", "/openapi.json", "/docs"}) {
    Sent sent{"GET", path + "?x=1", "", {{"Accept", "*/*"}}};
    EXPECT_EQ(world.send(sent).status, 400) << path;
  }
  EXPECT_EQ(world.get("/healthz?").status, 200);
}

TEST(Health, SaysWhatIsWrong) {
  ApiWorld world;
  EXPECT_EQ(world.get("/healthz").body, R"({"status":"ok"})");
  EXPECT_EQ(world.get("/readyz").status, 200);
  world.images.state = unavailable_error("no worker starts");
  auto sick = world.get("/readyz");
  EXPECT_EQ(sick.status, 503);
  EXPECT_EQ(sick.json().at("checks").at("image_engine"), "no worker starts");
  EXPECT_EQ(sick.json().at("checks").at("object_store"), "ok");
}

TEST(Health, TellsTheSandboxAndStaysReady) {
  ApiWorld world;
  EXPECT_EQ(world.get("/readyz").json().at("checks").at("sandbox"), "off");
  world.api_context.config.sandbox = "refused: no seccomp";
  auto ready = world.get("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.json().at("checks").at("sandbox"), "refused: no seccomp");
}

TEST(Documents, AreServed) {
  ApiWorld world;
  EXPECT_EQ(world.get("/openapi.json").json().at("openapi"), "3.1.0");
  EXPECT_EQ(world.send({"GET", "/docs", "", {{"Accept", "text/html"}}}).status, 200);
}

}  // namespace
}  // namespace tintype::testing
