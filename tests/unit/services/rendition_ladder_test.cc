// The ladder: made with the upload, stored before the image is active, whatever fails in between.
#include "services/rendition_ladder.h"

#include <gtest/gtest.h>

#include "services/delete_image.h"
#include "services/janitor.h"
#include "services/render_image.h"
#include "support/service_world.h"

namespace tintype::testing {
namespace {

Deadline soon() { return deadline_in(seconds(5)); }

struct LadderWorld : ServiceWorld {
  LadderWorld() { context.renditions.variants = RenditionVariants(); }

  // What `variant=NAME` finds for a client that names no format.
  std::optional<ImageRendition> find(const ImageMetadata& image, const std::string& name) {
    Renditions renditions(context.renditions);
    RenditionWish wish{context.renditions.variants.find(name)->spec, {}};
    return find_rendition(context, renditions, image,
                          plan_rendition(context.renditions, image, wish));
  }
};

std::size_t renditions_among(const std::vector<std::string>& keys) {
  return static_cast<std::size_t>(std::count_if(
      keys.begin(), keys.end(), [](const auto& key) { return key.starts_with("renditions/"); }));
}

TEST(RenditionLadder, IsMadeFromOneLookAndFoundLater) {
  LadderWorld world;
  auto image = world.create_active();
  EXPECT_EQ(world.images.calls, 1);
  EXPECT_EQ(world.images.renders, 0);
  ASSERT_EQ(image.variants.size(), 3u);
  EXPECT_EQ(image.variants[0].name, "thumb");
  EXPECT_EQ(image.variants[0].width, 320u);
  EXPECT_EQ(image.variants[0].content_type, MediaType::jpeg);
  for (const auto& variant : image.variants) {
    auto found = world.find(image, variant.name);
    ASSERT_TRUE(found) << variant.name;
    EXPECT_EQ(found->content.size, variant.size) << variant.name;
  }
  // 640×480 is smaller than `feed` and `full`, which are one picture then.
  EXPECT_EQ(renditions_among(world.keys()), 2u);
}

TEST(RenditionLadder, IsNotMadeWhenRenditionsAreNotStored) {
  LadderWorld world;
  world.context.renditions.store = false;
  auto image = world.create_active();
  EXPECT_TRUE(image.variants.empty());
  EXPECT_EQ(world.keys(), std::vector<std::string>{image.s3_key});
}

TEST(RenditionLadder, AnAnimatedRungIsMadeWhenItIsAskedFor) {
  LadderWorld world;
  world.context.renditions.variants =
      RenditionVariants::parse({"still?width=50", "moving?width=50&format=webp"},
                               {"still", "moving"})
          .value();
  world.images.answer = [] {
    auto facts = ImageBuilder::facts();
    facts.content_type = MediaType::gif;
    facts.frames = 5;
    return Result<ImageFacts>(facts);
  };
  auto image = world.create_active();
  ASSERT_EQ(image.variants.size(), 1u);
  EXPECT_EQ(image.variants[0].name, "still");
}

TEST(RenditionLadder, OfAFailedOrExpiredUploadGoes) {
  LadderWorld world;
  auto image = world.create_and_put();
  world.metadata.fail_from(3, unavailable_error("disk"));  // get, lease; not the outcome
  EXPECT_FALSE(complete_upload(world.context, image.image_id, soon()).ok());
  world.metadata.heal();
  EXPECT_EQ(renditions_among(world.keys()), 2u);
  ASSERT_TRUE(fail_upload(world.context, image.image_id, {"upload_expired", ""}).ok());
  EXPECT_TRUE(world.keys().empty());
}

TEST(RenditionLadder, ADeletionOrPurgeMeanwhileLeavesNoRung) {
  for (bool purge : {false, true}) {
    LadderWorld world;
    auto image = world.create_and_put();
    world.objects.on_call([&](std::uint64_t, std::string_view method) {
      if (method != "copy") return;
      world.objects.on_call({});
      if (purge) ASSERT_TRUE(purge_image(world.context, image.image_id, {}).ok());
      else ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok());
    });
    EXPECT_FALSE(complete_upload(world.context, image.image_id, soon()).ok());
    EXPECT_EQ(renditions_among(world.keys()), 0u) << purge;
  }
}

TEST(RenditionLadder, OfBytesThatWereReplacedIsNotTakenForTheirs) {
  LadderWorld world;
  auto image = world.create_and_put("first");
  world.objects.on_call([&](std::uint64_t, std::string_view method) {
    if (method != "copy") return;
    world.objects.on_call({});
    world.put_bytes(incoming_key(image.image_id), "other");
  });
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(world.images.calls, 2);
  EXPECT_TRUE(world.find(*done, "thumb"));
  auto of_first = *done;
  of_first.sha256 = hex_encode(sha256("first"));
  EXPECT_NE(world.find(*done, "thumb")->plan.object, world.find(of_first, "thumb")->plan.object);
}

TEST(RenditionLadder, SurvivesEveryFaultOfTheStores) {
  for (bool objects : {false, true})
    for (std::uint64_t n = 1; n < 60; ++n) {
      LadderWorld world;
      auto image = world.create_and_put("hello");
      if (objects) world.objects.fail_at(n, storage_full_error("full"));
      else world.metadata.fail_at(n, unavailable_error("disk"));
      auto first = complete_upload(world.context, image.image_id, soon());
      world.objects.heal();
      world.metadata.heal();
      world.clock.advance(seconds(120));
      auto second = complete_upload(world.context, image.image_id, soon());
      ASSERT_TRUE(second.ok()) << n << second.error().detail;
      EXPECT_EQ(second->status, ImageStatus::active) << n;
      ASSERT_EQ(second->variants.size(), 3u) << n;
      for (const auto& variant : second->variants)
        EXPECT_TRUE(world.find(*second, variant.name)) << n << variant.name;
      if (first.ok() && n > 30) break;
    }
}

}  // namespace
}  // namespace tintype::testing
