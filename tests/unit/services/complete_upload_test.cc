#include "services/complete_upload.h"

#include <gtest/gtest.h>

#include <thread>

#include "services/delete_image.h"
#include "services/image_access.h"
#include "services/janitor.h"
#include "services/update_image.h"
#include "support/service_world.h"

namespace tintype::testing {
namespace {

Deadline soon() { return deadline_in(seconds(5)); }

TEST(CompleteUpload, MakesAnUploadActive) {
  ServiceWorld world;
  auto image = world.create_and_put("hello");
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_EQ(done->status, ImageStatus::active);
  EXPECT_EQ(done->facts->width, 640u);
  EXPECT_EQ(*done->sha256, hex_encode(sha256("hello")));
  EXPECT_EQ(done->s3_key, original_key(image));
  EXPECT_EQ(world.read(done->s3_key), "hello");
  EXPECT_EQ(world.keys(), std::vector<std::string>{done->s3_key});
  EXPECT_FALSE(done->lease_until);
  EXPECT_FALSE(done->expires_at);
}

TEST(CompleteUpload, IsIdempotent) {
  ServiceWorld world;
  auto image = world.create_active();
  auto again = complete_upload(world.context, image.image_id, soon());
  EXPECT_EQ(*again, image);
  EXPECT_EQ(world.images.calls, 1);
}

TEST(CompleteUpload, TheTrueTypeIsRecorded) {
  ServiceWorld world;
  auto image = world.create_and_put();
  world.images.answer = [] {
    auto facts = ImageBuilder::facts();
    facts.content_type = MediaType::png;
    return Result<ImageFacts>(facts);
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  EXPECT_EQ(done->content_type, MediaType::png);
}

TEST(CompleteUpload, WithoutBytesIsAConflict) {
  ServiceWorld world;
  auto image = world.create();
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "upload_missing");
  EXPECT_EQ(world.memory_metadata.get(image.image_id)->revision, 1);
}

TEST(CompleteUpload, AnotherSizeFailsTheImage) {
  ServiceWorld world;
  auto image = world.create(ServiceWorld::wish(99));
  world.put_bytes(image.s3_key, "short");
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, ImageStatus::failed);
  EXPECT_EQ(done->failure->code, "size_mismatch");
  EXPECT_TRUE(world.keys().empty());
  EXPECT_EQ(*world.memory_metadata.usage("ann"), Usage{});
}

TEST(CompleteUpload, AnotherHashFailsTheImage) {
  ServiceWorld world;
  auto wish = ServiceWorld::wish(5);
  wish.sha256 = hex_encode(sha256("other"));
  auto image = world.create(wish);
  world.put_bytes(image.s3_key, "bytes");
  auto done = complete_upload(world.context, image.image_id, soon());
  EXPECT_EQ(done->failure->code, "checksum_mismatch");
}

TEST(CompleteUpload, ABadFileFailsTheImage) {
  ServiceWorld world;
  auto image = world.create_and_put();
  world.images.answer = [] {
    return Result<ImageFacts>(Error{ErrorKind::unprocessable, "corrupt_image", "Truncated.", {}});
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  EXPECT_EQ(done->status, ImageStatus::failed);
  EXPECT_EQ(done->failure, (Failure{"corrupt_image", "Truncated."}));
  EXPECT_TRUE(world.keys().empty());
}

TEST(CompleteUpload, NoWorkerLeavesTheUploadForAnotherTry) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [] { return Result<ImageFacts>(unavailable_error("no worker")); };
  auto failed = complete_upload(world.context, image.image_id, soon());
  EXPECT_TRUE(failed.error().is(ErrorKind::unavailable));
  world.images.answer = good;
  // The lease was given back: no waiting.
  EXPECT_EQ(complete_upload(world.context, image.image_id, soon())->status, ImageStatus::active);
}

TEST(CompleteUpload, NoTimeLeavesTheUploadForAnotherTry) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [] { return Result<ImageFacts>(timeout_error("cut short")); };
  auto failed = complete_upload(world.context, image.image_id, soon());
  EXPECT_TRUE(failed.error().is(ErrorKind::timeout));
  auto record = world.memory_metadata.get(image.image_id);
  EXPECT_EQ(record->status, ImageStatus::processing);
  EXPECT_FALSE(record->lease_until);
  EXPECT_EQ(world.read(incoming_key(image.image_id)), "bytes");
  world.images.answer = good;
  EXPECT_EQ(complete_upload(world.context, image.image_id, soon())->status, ImageStatus::active);
}

TEST(CompleteUpload, TheEngineHasAllOfTheCallersTime) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto deadline = deadline_in(std::chrono::hours(1));
  ASSERT_TRUE(complete_upload(world.context, image.image_id, deadline).ok());
  EXPECT_EQ(world.images.last_deadline.load(), deadline);
}

TEST(CompleteUpload, ManyAtOnceDoTheWorkOnce) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [good] {
    std::this_thread::sleep_for(milliseconds(30));
    return good();
  };
  std::vector<std::thread> threads;
  std::atomic<int> active{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      auto done = complete_upload(world.context, image.image_id, soon());
      if (done.ok() && done->status == ImageStatus::active) ++active;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(active, 8);
  EXPECT_EQ(world.images.calls, 1);
}

TEST(CompleteUpload, WaitsForAnotherNoLongerThanItsDeadline) {
  ServiceWorld world;
  auto image = world.create_and_put();
  image.lease_until = world.clock.now() + seconds(60);
  ASSERT_TRUE(world.memory_metadata.update(image).ok());
  auto done = complete_upload(world.context, image.image_id, deadline_in(milliseconds(30)));
  EXPECT_TRUE(done.error().is(ErrorKind::timeout));
}

TEST(CompleteUpload, TakesOverALeaseThatRanOut) {
  ServiceWorld world;
  auto image = world.create_and_put();
  image.lease_until = world.clock.now() + seconds(60);
  ASSERT_TRUE(world.memory_metadata.update(image).ok());
  world.clock.advance(seconds(61));
  EXPECT_EQ(complete_upload(world.context, image.image_id, soon())->status, ImageStatus::active);
}

// Work that takes longer than its lease; `meanwhile` runs once another one has finished the image.
void outlive_the_lease(ServiceWorld& world, const ImageMetadata& image,
                       const std::function<void()>& meanwhile) {
  auto good = world.images.answer;
  world.images.answer = [&world, &image, good, meanwhile] {
    if (world.images.calls == 1) {
      world.clock.advance(world.context.upload.lease + seconds(1));
      EXPECT_EQ(complete_upload(world.context, image.image_id, soon())->status,
                ImageStatus::active);
      meanwhile();
    }
    return good();
  };
}

TEST(CompleteUpload, WhoOutlivesItsLeaseFindsWhatAnotherMade) {
  ServiceWorld world;
  const auto image = world.create_and_put("bytes");
  outlive_the_lease(world, image, [] {});
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_EQ(done->status, ImageStatus::active);
  EXPECT_EQ(world.read(original_key(image)), "bytes");
}

TEST(CompleteUpload, WhoOutlivesItsLeaseTakesNothingOutOfTheTrash) {
  ServiceWorld world;
  world.context.renditions.variants = RenditionVariants();  // with a ladder
  const auto image = world.create_and_put("bytes");
  outlive_the_lease(world, image, [&] {
    EXPECT_TRUE(delete_image(world.context, image.image_id, {}).ok());
    world.put_bytes(incoming_key(image.image_id), "bytes");  // somebody's replay
  });
  auto done = complete_upload(world.context, image.image_id, soon());
  EXPECT_TRUE(done.error().is(ErrorKind::gone));
  for (const auto& key : world.keys()) EXPECT_FALSE(key.starts_with("renditions/")) << key;
  EXPECT_EQ(restore_image(world.context, image.image_id)->status, ImageStatus::active);
  EXPECT_EQ(world.read(original_key(image)), "bytes");
}

TEST(CompleteUpload, KeepsWhatTheOwnerChangedMeanwhile) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [&] {
    auto patched = update_image(world.context, image.image_id, {}, [](const ImageMetadata&) {
      ImagePatch patch;
      patch.tags = std::vector<std::string>{"sea"};
      return Result<ImagePatch>(patch);
    });
    EXPECT_TRUE(patched.ok());
    return good();
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, ImageStatus::active);
  EXPECT_EQ(done->tags, std::vector<std::string>{"sea"});
}

TEST(CompleteUpload, BytesReplacedWhileTheyAreCheckedAreCheckedInTurn) {
  ServiceWorld world;
  auto image = world.create_and_put("first");
  auto good = world.images.answer;
  world.images.answer = [&] {
    world.put_bytes(incoming_key(image.image_id), "other");
    return good();
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_EQ(done->sha256, hex_encode(sha256("other")));
  EXPECT_EQ(world.read(original_key(image)), "other");
  EXPECT_EQ(world.images.calls, 2);
}

TEST(CompleteUpload, BytesThatAreReplacedAllTheTimeAreNotPublished) {
  ServiceWorld world;
  auto image = world.create_and_put("00000");
  auto good = world.images.answer;
  world.images.answer = [&] {
    world.put_bytes(incoming_key(image.image_id), std::to_string(10000 + world.images.calls));
    return good();
  };
  auto done = complete_upload(world.context, image.image_id, deadline_in(milliseconds(20)));
  EXPECT_TRUE(done.error().is(ErrorKind::timeout));
  EXPECT_EQ(world.read(original_key(image)), "(missing)");
}

TEST(CompleteUpload, ADeleteMeanwhileWins) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [&] {
    EXPECT_TRUE(delete_image(world.context, image.image_id, {}).ok());
    return good();
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  EXPECT_TRUE(done.error().is(ErrorKind::gone));
  EXPECT_EQ(world.read(original_key(image)), "(missing)");
}

TEST(CompleteUpload, ADeleteAndRestoreMeanwhileEndsActiveAllTheSame) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [&] {
    if (world.images.calls == 1) {
      EXPECT_TRUE(delete_image(world.context, image.image_id, {}).ok());
      EXPECT_TRUE(restore_image(world.context, image.image_id).ok());
    }
    return good();
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, ImageStatus::active);
}

TEST(CompleteUpload, APurgeMeanwhileWins) {
  ServiceWorld world;
  auto image = world.create_and_put();
  auto good = world.images.answer;
  world.images.answer = [&] {
    EXPECT_TRUE(purge_image(world.context, image.image_id, {}).ok());
    return good();
  };
  auto done = complete_upload(world.context, image.image_id, soon());
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(world.read(original_key(image)), "(missing)");
  EXPECT_TRUE(world.memory_metadata.get(image.image_id).error().is(ErrorKind::not_found));
}

TEST(CompleteUpload, UnknownAndDeletedImages) {
  ServiceWorld world;
  auto unknown = ImageId::generate(world.clock.now(), world.random);
  EXPECT_TRUE(complete_upload(world.context, unknown, soon()).error().is(ErrorKind::not_found));
  auto image = world.create_and_put();
  ASSERT_TRUE(delete_image(world.context, image.image_id, {}).ok());
  EXPECT_TRUE(complete_upload(world.context, image.image_id, soon()).error().is("image_deleted"));
}

// SQLite's habit: the same work with a fault at the first, second, ... call until none is hit.
// After each, a later try ends in the one right state.
template <typename Inject>
void sweep_faults(Inject inject) {
  for (std::uint64_t n = 1; n < 40; ++n) {
    ServiceWorld world;
    auto image = world.create_and_put("hello");
    inject(world, n);
    auto first = complete_upload(world.context, image.image_id, soon());
    world.metadata.heal();
    world.objects.heal();
    world.clock.advance(seconds(120));
    auto second = complete_upload(world.context, image.image_id, soon());
    ASSERT_TRUE(second.ok()) << "fault " << n << ": " << second.error().detail;
    EXPECT_EQ(second->status, ImageStatus::active) << "fault " << n;
    EXPECT_EQ(world.read(second->s3_key), "hello") << "fault " << n;
    std::atomic<bool> stop{false};
    world.clock.advance(std::chrono::hours(2));
    auto report = reconcile(world.context, {std::chrono::hours(1), true}, stop);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(world.keys(), std::vector<std::string>{second->s3_key}) << "fault " << n;
    EXPECT_EQ(*world.memory_metadata.usage("ann"), (Usage{1, 5})) << "fault " << n;
    if (first.ok() && n > 12) return;
  }
}

TEST(CompleteUpload, SurvivesEveryFaultOfTheMetadataStore) {
  for (auto error : {unavailable_error("disk"), storage_full_error("full")})
    sweep_faults([&](ServiceWorld& world, std::uint64_t n) { world.metadata.fail_at(n, error); });
}

TEST(CompleteUpload, SurvivesEveryLostAnswerOfTheMetadataStore) {
  sweep_faults([](ServiceWorld& world, std::uint64_t n) {
    world.metadata.fail_at(n, unavailable_error("lost"), FaultyMetadataStore::When::after);
  });
}

TEST(CompleteUpload, SurvivesEveryFaultOfTheObjectStore) {
  for (auto error : {unavailable_error("disk"), storage_full_error("full")})
    sweep_faults([&](ServiceWorld& world, std::uint64_t n) { world.objects.fail_at(n, error); });
}

}  // namespace
}  // namespace tintype::testing
