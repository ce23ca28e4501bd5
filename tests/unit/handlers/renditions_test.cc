// GET /images/{id}/rendition, over the in-memory service and an engine that writes down what it was
// asked for.
#include <gtest/gtest.h>

#include "services/delete_image.h"
#include "services/update_image.h"
#include "support/api_world.h"

namespace tintype::testing {
namespace {

const std::vector<std::pair<std::string, std::string>> kModern = {
    {"Accept", "image/avif,image/webp,*/*"}};
const std::vector<std::pair<std::string, std::string>> kWebp = {{"Accept", "image/webp,*/*"}};

class RenditionApi : public ::testing::Test {
 protected:
  ApiWorld world;
  ImageMetadata image = world.create_active();
  std::string path = ApiWorld::path(image) + "/rendition";

  Answer get(const std::string& query,
             std::vector<std::pair<std::string, std::string>> headers = {}) {
    return world.send({"GET", path + query, "", std::move(headers)});
  }
  void publish() {
    ASSERT_EQ(world.patch(ApiWorld::path(image), R"({"visibility":"public"})").status, 200);
    image = *world.memory_metadata.get(image.image_id);
  }
};

TEST_F(RenditionApi, MakesAPictureOnceAndServesIt) {
  auto first = get("?width=100");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("Content-Type"), "image/jpeg");
  EXPECT_EQ(first.header("Content-Disposition"), "inline; filename=\"photo.jpg\"");
  EXPECT_EQ(first.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(first.header("Vary"), "Accept");
  EXPECT_NE(first.body.find("width=100"), std::string::npos);
  auto again = get("?width=100");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("ETag"), first.header("ETag"));
  EXPECT_EQ(world.images.renders, 1);
}

// Clients of a bucket fetch its objects by themselves.
class RenditionsElsewhere : public RenditionApi {
 protected:
  RenditionsElsewhere() { world.context.renditions.store_is_local = false; }
};

TEST_F(RenditionsElsewhere, AreFoundByTheirUrl) {
  const auto made = get("?width=100&format=webp");
  EXPECT_EQ(made.status, 302);
  EXPECT_TRUE(made.body.empty());
  EXPECT_EQ(made.header("Cache-Control"), "private, max-age=1800");
  EXPECT_EQ(made.header("Vary"), "");
  const std::string url = made.header("Location");
  EXPECT_NE(url.find("/renditions/" + image.image_id.to_string() + "/"), std::string::npos);
  EXPECT_NE(url.find("response-content-type=image%2Fwebp"), std::string::npos);
  EXPECT_NE(url.find("X-Amz-Expires=3600"), std::string::npos);
  const auto again = get("?width=100&format=webp");
  EXPECT_EQ(again.header("Location"), url);
  EXPECT_EQ(again.header("ETag"), made.header("ETag"));
  EXPECT_EQ(world.images.renders, 1);
  EXPECT_EQ(get("?width=100", kWebp).header("Vary"), "Accept");
  const auto unchanged = get("?width=100&format=webp", {{"If-None-Match", made.header("ETag")}});
  EXPECT_EQ(unchanged.status, 304);
}

TEST_F(RenditionsElsewhere, OfPublicImagesMayBeKeptByAnyone) {
  publish();
  const auto shared = get("?width=9&v=" + std::to_string(image.revision));
  EXPECT_EQ(shared.header("Cache-Control"), "public, max-age=1800");
  EXPECT_EQ(get("?width=9").header("Cache-Control"), "private, max-age=1800");
}

TEST_F(RenditionsElsewhere, ALinkEndsWithTheOneThatLedToIt) {
  const auto link = world.get(ApiWorld::path(image) + "/download?width=70&expires_in=100");
  const auto followed = world.get(link.text("download_url"));
  EXPECT_EQ(followed.status, 302);
  EXPECT_NE(followed.header("Location").find("X-Amz-Expires=100"), std::string::npos);
  EXPECT_EQ(followed.header("Cache-Control"), "private, max-age=50");
}

TEST_F(RenditionsElsewhere, ThatAreNotStoredAreSent) {
  world.context.renditions.store = false;
  const auto sent = get("?width=100&format=webp");
  EXPECT_EQ(sent.status, 200);
  EXPECT_NE(sent.body.find("width=100"), std::string::npos);
}

TEST_F(RenditionsElsewhere, ReadsWaitOnThreadsOfTheirOwn) {
  for (const std::string& target : {ApiWorld::path(image), std::string("/images")}) {
    Request request;
    request.method = Method::get;
    request.raw_path = target;
    EXPECT_EQ(world.api.begin(request).cost, CostClass::blocking) << target;
  }
  Request alive;
  alive.method = Method::get;
  alive.raw_path = "/healthz";
  EXPECT_EQ(world.api.begin(alive).cost, CostClass::inline_);
}

TEST_F(RenditionApi, EqualRequestsHaveEqualTags) {
  auto tag = get("?width=50&height=50&dpr=2&fit=cover&format=webp").header("ETag");
  EXPECT_EQ(get("?format=webp&fit=cover&height=100&width=100").header("ETag"), tag);
  EXPECT_NE(get("?format=webp&fit=contain&height=100&width=100").header("ETag"), tag);
  EXPECT_EQ(world.images.renders, 2);
}

TEST_F(RenditionApi, NamesEachBadParameter) {
  auto answer = get("?width=0&fit=round&quality=101&v=x&colour=red&format=bmp");
  EXPECT_EQ(answer.status, 400);
  std::set<std::string> fields;
  const auto problem = answer.json();
  for (const auto& error : problem.at("errors").as_array())
    fields.emplace(error.at("field").as_string());
  EXPECT_EQ(fields, (std::set<std::string>{"width", "fit", "quality", "v", "colour", "format"}));
  EXPECT_EQ(world.images.renders, 0);
}

TEST_F(RenditionApi, VariantsTakeAFormatAndAQualityBesideTheirName) {
  auto thumb = get("?variant=thumb");
  EXPECT_EQ(thumb.status, 200);
  EXPECT_EQ(get("?width=320&height=320&fit=cover").header("ETag"), thumb.header("ETag"));
  auto webp = get("?variant=thumb&format=webp&quality=40&v=1");
  EXPECT_EQ(webp.header("Content-Type"), "image/webp");
  EXPECT_NE(webp.body.find("quality=40"), std::string::npos);
  auto unknown = get("?variant=poster");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.json().at("errors").at(0).at("field").as_string(), "variant");
  auto both = get("?variant=thumb&width=7");
  EXPECT_EQ(both.json().at("errors").at(0).at("field").as_string(), "width");
  EXPECT_EQ(both.json().at("errors").at(0).at("code").as_string(), "conflicting_field");
  EXPECT_EQ(get("?variant=thumb&variant=feed").status, 400);
}

TEST_F(RenditionApi, UnchangedPicturesAreNeitherMadeNorLookedFor) {
  auto tag = get("?width=100&format=png").header("ETag");
  const auto calls = world.objects.calls();
  auto unchanged = get("?width=100&format=png", {{"If-None-Match", tag}});
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.header("ETag"), tag);
  EXPECT_TRUE(unchanged.body.empty());
  EXPECT_EQ(world.objects.calls(), calls);
  EXPECT_EQ(world.images.renders, 1);
  EXPECT_EQ(get("?width=100&format=png", {{"If-None-Match", "\"1\""}}).status, 200);
}

TEST_F(RenditionApi, HeadAnswersLikeGet) {
  auto head = world.send({"HEAD", path + "?width=9", "", {}});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("ETag"), get("?width=9").header("ETag"));
}

TEST_F(RenditionApi, OnlyPublicImagesWithTheirRevisionMayBeKeptByAnyone) {
  const std::string v = "&v=" + std::to_string(image.revision);
  EXPECT_EQ(get("?width=9" + v).header("Cache-Control"), "private, max-age=3600");
  publish();
  const std::string now = "&v=" + std::to_string(image.revision);
  EXPECT_EQ(get("?width=9" + now).header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("?width=9" + v).header("Cache-Control"), "private, max-age=3600");
  EXPECT_EQ(get("?width=9").header("Cache-Control"), "private, max-age=3600");
}

TEST_F(RenditionApi, PrivateImagesAreForTheirOwnersAlone) {
  world.api_context.config.authentication = AuthenticationMode::keys;
  EXPECT_EQ(get("?width=9").status, 401);
  path = "/images/0193578a-3c1f-7b52-9d3e-4f1a2b3c4d5e/rendition";
  EXPECT_EQ(get("?width=9").status, 401);  // strangers cannot tell what is there
  world.api_context.config.authentication = AuthenticationMode::none;
  publish();
  world.api_context.config.authentication = AuthenticationMode::keys;
  path = ApiWorld::path(image) + "/rendition";
  EXPECT_EQ(get("?width=9").status, 200);
}

TEST_F(RenditionApi, AnswersByTheStateOfTheImage) {
  auto waiting = world.create();
  EXPECT_EQ(world.get(ApiWorld::path(waiting) + "/rendition").code(), "not_ready");
  EXPECT_EQ(world.get("/images/nonsense/rendition").status, 404);
  EXPECT_EQ(get("?width=9").status, 200);
  ASSERT_EQ(world.remove(ApiWorld::path(image)).status, 200);
  EXPECT_EQ(get("?width=9").code(), "image_deleted");
  EXPECT_EQ(get("?width=9").status, 410);
  ASSERT_EQ(world.post(ApiWorld::path(image) + "/restore").status, 200);
  EXPECT_EQ(get("?width=9").status, 200);
  ASSERT_EQ(world.remove(ApiWorld::path(image) + "?hard=true").status, 204);
  EXPECT_EQ(get("?width=9").status, 404);
  EXPECT_TRUE(world.keys().empty());
}

TEST_F(RenditionApi, FilesThatCannotBeRenderedAndEnginesThatCannotRender) {
  world.images.render_state = Error{ErrorKind::unprocessable, "corrupt_image", "Cut short.", {}};
  EXPECT_EQ(get("?width=9").status, 422);
  EXPECT_EQ(get("?width=9").code(), "corrupt_image");
  Error overloaded = unavailable_error("Too many.");
  overloaded.code = "overloaded";
  world.images.render_state = overloaded;
  auto answer = get("?width=9");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.code(), "overloaded");
  world.images.render_state = timeout_error("No time.");
  EXPECT_EQ(get("?width=9").status, 504);
  world.images.render_state = {};
  EXPECT_EQ(get("?width=9").status, 200);
}

TEST_F(RenditionApi, SmallAvifIsMadeAtOnceAndLargeInTheBackground) {
  EXPECT_EQ(get("?width=100", kModern).header("Content-Type"), "image/avif");
  EXPECT_EQ(get("?width=100", kWebp).header("Content-Type"), "image/webp");
  EXPECT_EQ(get("?width=100").header("Content-Type"), "image/jpeg");
  EXPECT_EQ(
      get("?width=100", {{"Accept", "text/html"}, {"accept", "image/webp"}}).header("Content-Type"),
      "image/webp");
  world.context.renditions.avif_at_once = 5000;
  publish();
  const std::string query = "?width=120&v=" + std::to_string(image.revision);
  auto first = get(query, kModern);
  EXPECT_EQ(first.header("Content-Type"), "image/webp");
  EXPECT_EQ(first.header("Cache-Control"), "public, max-age=60");
  world.api_context.renditions->upgrades.drain();
  auto second = get(query, kModern);
  EXPECT_EQ(second.header("Content-Type"), "image/avif");
  EXPECT_EQ(second.header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_NE(second.header("ETag"), first.header("ETag"));
  // Who has the first picture is offered the better one; who has the better one keeps it.
  auto tag = [](const Answer& answer) {
    auto headers = kModern;
    headers.emplace_back("If-None-Match", answer.header("ETag"));
    return headers;
  };
  EXPECT_EQ(get(query, tag(first)).status, 200);
  EXPECT_EQ(get(query, tag(second)).status, 304);
}

TEST_F(RenditionApi, WhoOnlyAsksForNewsGetsTheBetterPictureInTheEnd) {
  world.context.renditions.avif_at_once = 5000;
  publish();
  world.images.can_render = [](const RenditionSpec& spec) -> Result<void> {
    if (spec.format == MediaType::avif) return unavailable_error("busy");
    return {};
  };
  auto first = get("?width=120", kModern);
  world.api_context.renditions->upgrades.drain();  // in vain
  world.images.can_render = [](auto&) { return Result<void>(); };
  auto news = kModern;
  news.emplace_back("If-None-Match", first.header("ETag"));
  EXPECT_EQ(get("?width=120", news).status, 304);
  world.api_context.renditions->upgrades.drain();
  auto second = get("?width=120", news);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.header("Content-Type"), "image/avif");
}

TEST_F(RenditionApi, WhatIsRememberedOfARequestHoldsForOneRevision) {
  const std::string query = "?width=33&format=png";
  const auto first = get(query);
  EXPECT_EQ(get(query).header("ETag"), first.header("ETag"));
  image.sha256 = std::string(64, '7');
  image = *world.metadata.update(image);
  const auto second = get(query);
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(second.header("ETag"), first.header("ETag"));
  ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok());
  EXPECT_EQ(get(query).status, 410);
}

TEST_F(RenditionApi, AFormatThatNobodyAskedForGivesWayWhenThePictureIsTooLargeForIt) {
  world.images.can_render = [](const RenditionSpec& spec) -> Result<void> {
    if (spec.format == MediaType::jpeg) return {};
    return validation_error({{"format", "too_large", "No."}});
  };
  EXPECT_EQ(get("?width=90", kModern).header("Content-Type"), "image/jpeg");
  EXPECT_EQ(get("?width=91", kWebp).header("Content-Type"), "image/jpeg");
  EXPECT_EQ(get("?width=90&format=webp", kModern).status, 400);
}

TEST_F(RenditionApi, AnimationsThatAreTooLargeAreRefusedByName) {
  auto facts = *image.facts;
  facts.content_type = MediaType::gif;
  facts.width = facts.height = 500;
  facts.frames = 400;
  image.facts = facts;
  image = *world.metadata.update(image);
  const auto renders = world.images.renders.load();
  auto answer = get("");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.code(), "validation_failed");
  EXPECT_NE(answer.body.find("\"animated\""), std::string::npos);
  EXPECT_EQ(get("?format=webp").status, 400);
  EXPECT_EQ(world.images.renders, renders);
  EXPECT_EQ(get("?width=100").status, 200);
  EXPECT_EQ(get("?animated=false").status, 200);
  EXPECT_EQ(get("?format=png").status, 200);
}

TEST_F(RenditionApi, APictureThatIsThereNeedsNoThreadOfItsOwn) {
  Request request;
  request.method_text = "GET";
  request.raw_path = path;
  request.raw_query = "width=64";
  auto before = world.api.begin(request);
  EXPECT_FALSE(before.answer);
  EXPECT_EQ(before.cost, CostClass::blocking);
  ASSERT_EQ(get("?width=64").status, 200);
  auto after = world.api.begin(request);
  ASSERT_TRUE(after.answer);
  EXPECT_EQ(after.answer->status, 200);
  EXPECT_TRUE(std::holds_alternative<SharedBody>(after.answer->body));
}

TEST_F(RenditionApi, AnswersOneRange) {
  const auto whole = get("?width=64");
  EXPECT_EQ(whole.header("Accept-Ranges"), "bytes");
  const auto size = std::to_string(whole.body.size());
  const auto part = get("?width=64", {{"Range", "bytes=2-5"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, whole.body.substr(2, 4));
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-5/" + size);
  EXPECT_EQ(get("?width=64", {{"Range", "bytes=2-5"}, {"If-Range", "\"x\""}}).status, 200);
  EXPECT_EQ(get("?width=64", {{"Range", "bytes=0-1,3-4"}}).body, whole.body);
  const auto behind = get("?width=64", {{"Range", "bytes=9999-"}});
  EXPECT_EQ(behind.status, 416);
  EXPECT_EQ(behind.header("Content-Range"), "bytes */" + size);
}

class RenditionLinks : public RenditionApi {
 protected:
  std::string link(const std::string& query) {
    auto answer = world.get(ApiWorld::path(image) + "/download" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.text("download_url");
  }
};

TEST_F(RenditionLinks, NeedNoCredentialsUntilTheyExpire) {
  auto answer = world.get(ApiWorld::path(image) + "/download?variant=thumb&expires_in=60");
  EXPECT_EQ(answer.text("filename"), "photo.jpg");
  EXPECT_EQ(answer.text("content_type"), "image/jpeg");
  EXPECT_TRUE(answer.json().at("size").is_null());
  const auto url = answer.text("download_url");
  world.api_context.config.authentication = AuthenticationMode::keys;
  auto picture = world.get(url);
  EXPECT_EQ(picture.status, 200) << picture.body;
  EXPECT_EQ(picture.header("Content-Disposition"), "attachment; filename=\"photo.jpg\"");
  EXPECT_EQ(picture.header("Cache-Control"), "private, max-age=60");
  EXPECT_EQ(picture.header("Vary"), "");
  EXPECT_EQ(world.get(url + "&v=3").status, 200);
  world.clock.advance(seconds(59));
  EXPECT_EQ(world.get(url).status, 200);
  world.clock.advance(seconds(1));
  EXPECT_EQ(world.get(url).status, 403);
  EXPECT_EQ(world.get(url).code(), "signature_expired");
}

TEST_F(RenditionLinks, BindEverythingThatMatters) {
  const auto url = link("?width=100&format=webp&quality=50&disposition=inline");
  EXPECT_EQ(world.get(url).status, 200);
  const std::string id = image.image_id.to_string();
  const std::string other = world.create_active("other").image_id.to_string();
  for (auto [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"width=100", "width=101"},
           {"webp", "jpeg"},
           {"quality=50&", ""},
           {"expires=", "expires=9"},
           {"expires=", "disposition=attachment&expires="},
           {"signature=", "signature=A"},
           {"width=100", "width=100&blur=2"},
           {id, other}}) {
    auto changed = url;
    changed.replace(changed.find(from), from.size(), to);
    auto answer = world.get(changed);
    EXPECT_EQ(answer.status, 403) << changed;
    EXPECT_EQ(answer.code(), "forbidden") << changed;
  }
}

TEST_F(RenditionLinks, EqualParametersMayComeInAnotherForm) {
  auto url = link("?width=100&format=webp");
  auto at = url.find("width=100");
  url.replace(at, 9, "dpr=2&width=50");
  EXPECT_EQ(world.get(url).status, 200);
}

TEST_F(RenditionLinks, DieWithTheImage) {
  const auto url = link("?variant=feed");
  EXPECT_EQ(world.get(url).status, 200);
  ASSERT_EQ(world.remove(ApiWorld::path(image)).status, 200);
  EXPECT_EQ(world.get(url).status, 410);
}

TEST_F(RenditionLinks, SayTheSizeOfWhatIsStored) {
  const auto size = get("?width=100&format=png").body.size();
  auto answer = world.get(ApiWorld::path(image) + "/download?width=100&format=png");
  EXPECT_EQ(answer.json().at("size").to_number<std::size_t>(), size);
  auto redirect = world.get(ApiWorld::path(image) + "/download?variant=thumb&redirect=true");
  EXPECT_EQ(redirect.status, 302);
  EXPECT_EQ(world.get(redirect.header("Location")).status, 200);
  EXPECT_EQ(world.get(ApiWorld::path(image) + "/download?variant=none&width=0").status, 400);
}

TEST_F(RenditionLinks, AnExpiryWithoutASignatureIsNoParameter) {
  EXPECT_EQ(get("?width=9&expires=99").status, 400);
  EXPECT_EQ(get("?width=9&signature=abc").status, 403);
}

}  // namespace
}  // namespace tintype::testing
