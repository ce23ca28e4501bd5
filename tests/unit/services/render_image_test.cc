// render_image over the memory stores: what is found, made, stored, and what comes between.
#include "services/render_image.h"

#include <gtest/gtest.h>

#include <thread>

#include "services/delete_image.h"
#include "services/image_access.h"
#include "services/janitor.h"
#include "services/rendition_ladder.h"
#include "support/service_world.h"

namespace tintype::testing {
namespace {

class RenderImage : public ::testing::Test {
 protected:
  ServiceWorld world;
  ImageMetadata image = world.create_active();
  std::optional<Renditions> renditions{world.context.renditions};

  // A service that has just started: nothing in memory.
  void restart() { renditions.emplace(world.context.renditions); }

  RenditionPlan plan(std::uint32_t width, MediaType format = MediaType::webp) {
    RenditionWish wish;
    wish.spec.width = width;
    wish.spec.format = format;
    return plan_rendition(world.context.renditions, image, wish);
  }
  Result<ImageRendition> render(std::uint32_t width, MediaType format = MediaType::webp) {
    return render_image(world.context, *renditions, image, plan(width, format),
                        deadline_in(seconds(5)));
  }
  std::size_t stored() {
    std::size_t count = 0;
    for (const auto& key : world.keys()) count += key.starts_with("renditions/") ? 1 : 0;
    return count;
  }
};

TEST_F(RenderImage, MakesStoresAndFinds) {
  EXPECT_FALSE(find_rendition(world.context, *renditions, image, plan(100)));
  auto made = render(100);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->plan.content_type(), MediaType::webp);
  EXPECT_EQ(world.read(made->plan.object), *made->content.bytes);
  const auto calls = world.objects.calls();
  EXPECT_EQ(*render(100)->content.bytes, *made->content.bytes);
  EXPECT_EQ(world.objects.calls(), calls);  // from memory
  restart();
  EXPECT_EQ(*render(100)->content.bytes, *made->content.bytes);
  EXPECT_EQ(world.objects.calls(), calls + 1);  // from the store
  EXPECT_EQ(*render(100)->content.bytes, *made->content.bytes);
  EXPECT_EQ(world.objects.calls(), calls + 1);  // and from memory again
  EXPECT_EQ(world.images.renders, 1);
}

TEST_F(RenderImage, TheTagIsTheKeyOfTheSpec) {
  const auto first = plan(100).first;
  const auto origin = rendition_origin(world.context.renditions, *image.sha256);
  EXPECT_EQ(first.key, rendition_key(first.spec, origin));
  EXPECT_EQ(first.object, rendition_object(image.image_id, first.spec, origin));
}

TEST_F(RenderImage, OtherSettingsOfTheEngineAndOtherBytesMakeOtherPictures) {
  const auto first = plan(100).first;
  world.context.renditions.engine = "best";
  EXPECT_NE(plan(100).first.key, first.key);
  EXPECT_NE(plan(100).first.object, first.object);
  world.context.renditions.engine = "";
  EXPECT_EQ(plan(100).first.object, first.object);
  image.sha256 = std::string(64, '0');
  EXPECT_NE(plan(100).first.object, first.object);
}

TEST_F(RenderImage, WithoutStoreNothingIsKeptBeyondMemory) {
  world.context.renditions.store = false;
  EXPECT_TRUE(render(100).ok());
  EXPECT_TRUE(render(100).ok());
  EXPECT_EQ(world.images.renders, 1);
  restart();
  EXPECT_TRUE(render(100).ok());
  EXPECT_EQ(world.images.renders, 2);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(RenderImage, WithoutMemoryEverythingComesFromTheStore) {
  world.context.renditions.memory_cache = 0;
  restart();
  EXPECT_TRUE(render(100).ok());
  const auto calls = world.objects.calls();
  EXPECT_TRUE(render(100)->content.bytes);  // small enough to be sent in one call
  EXPECT_EQ(world.objects.calls(), calls + 1);
  EXPECT_EQ(world.images.renders, 1);
}

TEST_F(RenderImage, AnImageHasOnlySoManyStoredRenditions) {
  world.context.renditions.max_per_image = 3;
  for (std::uint32_t width = 10; width < 20; ++width) EXPECT_TRUE(render(width).ok());
  EXPECT_EQ(stored(), 3u);
}

TEST_F(RenderImage, ManyAtOnceMakeOne) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { good += render(77).ok() ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(world.images.renders, 1);
}

TEST_F(RenderImage, OnlySoManyWaitAtOnce) {
  world.context.renditions.at_once = 2;
  std::atomic<int> refused{0};
  std::atomic<int> good{0};
  world.objects.on_call([&](std::uint64_t, std::string_view called) {
    while (called == "put" && refused < 3) std::this_thread::yield();
  });
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < 5; ++i)
    threads.emplace_back([&, i] {
      auto made = render(50 + i);
      ++(made.ok() ? good : refused);
      EXPECT_TRUE(made.ok() || made.error().is("overloaded"));
    });
  for (auto& thread : threads) thread.join();
  world.objects.on_call({});
  EXPECT_EQ(good, 2);
  EXPECT_EQ(refused, 3);
  EXPECT_TRUE(render(60).ok());
}

TEST_F(RenderImage, AStoreThatFailsCostsNoPicture) {
  for (auto error : {unavailable_error("disk"), storage_full_error("full")}) {
    bool reached_the_end = false;
    for (std::uint64_t n = 1; !reached_the_end; ++n) {
      restart();
      ASSERT_TRUE(world.memory_objects.remove_prefix(renditions_prefix(image.image_id)).ok());
      world.objects.fail_at(n, error);
      const auto failures = world.objects.failures();
      auto made = render(100);
      reached_the_end = world.objects.failures() == failures;
      world.objects.heal();
      // Without the original there is no picture; everything else is done without.
      if (!made.ok()) {
        EXPECT_EQ(made.error().kind, error.kind) << n;
      }
      EXPECT_TRUE(render(100).ok()) << n;
      restart();
      EXPECT_TRUE(render(100).ok()) << n;
    }
  }
}

TEST_F(RenderImage, AMissingOriginalIsAnInternalError) {
  ASSERT_TRUE(world.memory_objects.remove(image.s3_key).ok());
  EXPECT_TRUE(render(100).error().is(ErrorKind::internal));
}

// Another request does something when the object store is called for the n-th time.
template <typename Then>
void at_call(ServiceWorld& world, std::string_view method, Then then) {
  world.objects.on_call([&world, method, then](std::uint64_t, std::string_view called) {
    if (called != method) return;
    world.objects.on_call({});
    then();
  });
}

TEST_F(RenderImage, ADeletionMeanwhileLeavesNothingBehind) {
  for (std::string_view step : {"put", "write", "commit"}) {
    at_call(world, step,
            [&] { ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok()); });
    auto made = render(100);
    ASSERT_FALSE(made.ok()) << step;
    EXPECT_TRUE(made.error().is("image_deleted")) << step;
    EXPECT_EQ(stored(), 0u) << step;
    image = *restore_image(world.context, image.image_id);
  }
  EXPECT_TRUE(render(100).ok());
}

TEST_F(RenderImage, APurgeMeanwhileLeavesNothingBehind) {
  at_call(world, "commit",
          [&] { ASSERT_TRUE(purge_image(world.context, image.image_id, {}).ok()); });
  EXPECT_TRUE(render(100).error().is(ErrorKind::not_found));
  EXPECT_TRUE(world.keys().empty());
}

TEST_F(RenderImage, WhatIsLeftBehindAllTheSameIsAnOrphan) {
  // Deleted meanwhile, and the store is out of order when the picture should go again.
  at_call(world, "commit", [&] {
    ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok());
    world.objects.fail_from(1, unavailable_error("disk"));
  });
  EXPECT_TRUE(render(100).error().is("image_deleted"));
  world.objects.heal();
  ASSERT_EQ(stored(), 1u);
  world.clock.advance(std::chrono::hours(2));
  std::atomic<bool> stop{false};
  auto report = reconcile(world.context, {std::chrono::hours(1), true}, stop);
  EXPECT_EQ(report->orphaned_objects.size(), 1u);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(RenderImage, DeletionTakesRenditionsAndRestoringMakesThemAgain) {
  EXPECT_TRUE(render(100).ok());
  EXPECT_TRUE(render(200).ok());
  EXPECT_EQ(stored(), 2u);
  ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok());
  EXPECT_EQ(stored(), 0u);
  restart();
  image = *restore_image(world.context, image.image_id);
  EXPECT_TRUE(render(100).ok());
  EXPECT_EQ(stored(), 1u);
  EXPECT_EQ(world.images.renders, 3);
}

class BetterPictures : public RenderImage {
 protected:
  RenditionPlan plan(std::uint32_t width) {
    RenditionWish wish;
    wish.spec.width = width;
    wish.accepted = {true, true};
    return plan_rendition(world.context.renditions, image, wish);
  }
  MediaType format_of(std::uint32_t width) {
    auto made =
        render_image(world.context, *renditions, image, plan(width), deadline_in(seconds(5)));
    EXPECT_TRUE(made.ok());
    last_provisional = made->provisional;
    return made->plan.content_type();
  }
  bool last_provisional = false;
};

TEST_F(BetterPictures, SmallOnesAreMadeAtOnce) {
  EXPECT_EQ(format_of(100), MediaType::avif);
  EXPECT_FALSE(last_provisional);
}

TEST_F(BetterPictures, LargeOnesComeWithTheNextRequest) {
  world.context.renditions.avif_at_once = 100;
  EXPECT_EQ(format_of(100), MediaType::webp);
  EXPECT_TRUE(last_provisional);
  renditions->upgrades.drain();
  EXPECT_EQ(format_of(100), MediaType::avif);
  EXPECT_FALSE(last_provisional);
  EXPECT_EQ(world.images.renders, 2);
}

TEST_F(BetterPictures, AreNotMadeWhereNothingWorksInTheBackground) {
  world.context.renditions.avif_at_once = 100;
  world.context.renditions.in_background = false;
  EXPECT_EQ(format_of(100), MediaType::webp);
  EXPECT_FALSE(last_provisional);
  renditions->upgrades.drain();
  EXPECT_EQ(format_of(100), MediaType::webp);
  EXPECT_EQ(world.images.renders, 1);
}

TEST_F(BetterPictures, ThatCannotBeKeptAreTriedOnce) {
  world.context.renditions.avif_at_once = 100;
  world.context.renditions.store = false;
  world.context.renditions.memory_cache = 0;
  restart();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(format_of(100), MediaType::webp);
    renditions->upgrades.drain();
  }
  EXPECT_EQ(world.images.renders, 4);  // three asked for, one in vain
}

// What an encoder that is missing or fails, and a full queue, say of AVIF alone.
Result<void> refuse_avif(const Error& error, const RenditionSpec& spec) {
  if (spec.format == MediaType::avif) return error;
  return {};
}

TEST_F(BetterPictures, ThatCannotBeMadeCostNobodyTheOther) {
  world.images.can_render = [](const RenditionSpec& spec) {
    return refuse_avif({ErrorKind::unprocessable, "too_many_pixels", "No.", {}}, spec);
  };
  EXPECT_EQ(format_of(100), MediaType::webp);
  EXPECT_TRUE(last_provisional);
  EXPECT_EQ(world.images.renders, 2);
  EXPECT_EQ(format_of(100), MediaType::webp);
  EXPECT_EQ(world.images.renders, 2);  // not tried again for each request
}

TEST_F(BetterPictures, ThatThereIsNoRoomForGiveWayToTheOtherIfThatIsThere) {
  world.images.can_render = [](const RenditionSpec& spec) {
    return refuse_avif(unavailable_error("full"), spec);
  };
  auto refused =
      render_image(world.context, *renditions, image, plan(100), deadline_in(seconds(5)));
  EXPECT_TRUE(refused.error().is(ErrorKind::unavailable));
  EXPECT_TRUE(render(100, MediaType::webp).ok());
  EXPECT_EQ(format_of(100), MediaType::webp);
  EXPECT_TRUE(last_provisional);
  world.images.can_render = [](auto&) { return Result<void>(); };
  EXPECT_EQ(format_of(100), MediaType::avif);
}

TEST_F(BetterPictures, AreNotMadeOfDeletedImages) {
  world.context.renditions.avif_at_once = 100;
  ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok());
  (void)find_rendition(world.context, *renditions, image, plan(100));
  auto made = render_image(world.context, *renditions, image, plan(100), deadline_in(seconds(5)));
  EXPECT_TRUE(made.error().is("image_deleted"));
  renditions->upgrades.drain();
  EXPECT_EQ(world.images.renders, 1);
  EXPECT_EQ(stored(), 0u);
}

}  // namespace
}  // namespace tintype::testing
