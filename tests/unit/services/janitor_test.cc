#include "services/janitor.h"

#include <gtest/gtest.h>

#include "services/completion_queue.h"
#include "services/delete_image.h"
#include "services/image_access.h"
#include "services/verify_upload.h"
#include "support/service_world.h"

namespace tintype::testing {
namespace {

const std::atomic<bool> kGoOn{false};
constexpr JanitorPolicy kRepair{std::chrono::hours(1), true};

TEST(Janitor, ExpiresAbandonedUploads) {
  ServiceWorld world;
  auto image = world.create();
  EXPECT_EQ(*run_due(world.context, kGoOn), JanitorReport{});
  world.clock.advance(std::chrono::hours(25));
  EXPECT_EQ(run_due(world.context, kGoOn)->expired, 1u);
  auto now = *world.memory_metadata.get(image.image_id);
  EXPECT_EQ(now.status, ImageStatus::failed);
  EXPECT_EQ(now.failure->code, "upload_expired");
  EXPECT_EQ(*run_due(world.context, kGoOn), JanitorReport{});
}

TEST(Janitor, CompletesWhatArrivedInTheLastMoment) {
  ServiceWorld world;
  auto image = world.create_and_put();
  world.clock.advance(std::chrono::hours(25));
  EXPECT_EQ(run_due(world.context, kGoOn)->completed, 1u);
  EXPECT_EQ(world.memory_metadata.get(image.image_id)->status, ImageStatus::active);
}

TEST(Janitor, FinishesALeaseThatRanOut) {
  ServiceWorld world;
  auto image = world.create_and_put();
  image.lease_until = world.clock.now() + seconds(60);
  ASSERT_TRUE(world.memory_metadata.update(image).ok());
  EXPECT_EQ(*run_due(world.context, kGoOn), JanitorReport{});
  world.clock.advance(seconds(61));
  EXPECT_EQ(run_due(world.context, kGoOn)->completed, 1u);
}

TEST(Janitor, ALeaseWithoutBytesIsLifted) {
  ServiceWorld world;
  auto image = world.create();
  image.lease_until = world.clock.now() + seconds(60);
  ASSERT_TRUE(world.memory_metadata.update(image).ok());
  world.clock.advance(seconds(61));
  EXPECT_EQ(*run_due(world.context, kGoOn), JanitorReport{});
  EXPECT_FALSE(world.memory_metadata.get(image.image_id)->lease_until);
}

TEST(Janitor, PurgesTheTrash) {
  ServiceWorld world;
  auto image = world.create_active();
  (void)delete_image(world.context, image.image_id, {});
  world.clock.advance(std::chrono::hours(719));
  EXPECT_EQ(run_due(world.context, kGoOn)->purged, 0u);
  world.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(run_due(world.context, kGoOn)->purged, 1u);
  EXPECT_TRUE(world.keys().empty());
  EXPECT_TRUE(world.memory_metadata.get(image.image_id).error().is(ErrorKind::not_found));
}

TEST(Janitor, FinishesAPurgeThatWasInterrupted) {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    ServiceWorld world;
    auto image = world.create_active();
    world.objects.fail_at(n, unavailable_error("disk"));
    EXPECT_FALSE(purge_image(world.context, image.image_id, {}).ok());
    world.clock.advance(seconds(1));
    EXPECT_EQ(run_due(world.context, kGoOn)->purged, 1u);
    EXPECT_TRUE(world.keys().empty());
  }
}

TEST(Janitor, AnErrorIsCountedAndTriedAgain) {
  ServiceWorld world;
  auto image = world.create_active();
  (void)delete_image(world.context, image.image_id, {});
  world.clock.advance(std::chrono::hours(721));
  world.objects.fail_at(1, unavailable_error("disk"));
  EXPECT_EQ(run_due(world.context, kGoOn)->errors, 1u);
  EXPECT_EQ(run_due(world.context, kGoOn)->purged, 1u);
  auto stuck = world.create_and_put();
  world.images.answer = [] { return Result<ImageFacts>(unavailable_error("no worker")); };
  world.clock.advance(std::chrono::hours(25));
  EXPECT_EQ(run_due(world.context, kGoOn)->errors, 1u);
}

TEST(Janitor, StopsWhenTold) {
  ServiceWorld world;
  world.create();
  world.clock.advance(std::chrono::hours(25));
  std::atomic<bool> stop{true};
  EXPECT_EQ(*run_due(world.context, stop), JanitorReport{});
  EXPECT_EQ(*complete_arrived(world.context, stop), JanitorReport{});
}

TEST(Janitor, FindsWhatArrivedUnnoticed) {
  ServiceWorld world;
  world.create();
  auto arrived = world.create_and_put();
  auto report = complete_arrived(world.context, kGoOn);
  EXPECT_EQ(report->completed, 1u);
  EXPECT_EQ(world.memory_metadata.get(arrived.image_id)->status, ImageStatus::active);
}

TEST(Janitor, WhatSomeoneHasLeasedIsLeftAlone) {
  ServiceWorld world;
  auto image = world.create_and_put();
  image.lease_until = world.clock.now() + seconds(60);
  ASSERT_TRUE(world.memory_metadata.update(image).ok());
  EXPECT_EQ(*complete_arrived(world.context, kGoOn), JanitorReport{});
}

TEST(Janitor, LeasesOfAProcessThatDiedAreReleased) {
  ServiceWorld world;
  auto image = world.create_and_put();
  (void)world.create();
  image.lease_until = world.clock.now() + seconds(60);
  ASSERT_TRUE(world.memory_metadata.update(image).ok());
  EXPECT_EQ(*release_leases(world.context), 1u);
  EXPECT_EQ(*release_leases(world.context), 0u);
  EXPECT_EQ(complete_arrived(world.context, kGoOn)->completed, 1u);
  EXPECT_EQ(world.memory_metadata.get(image.image_id)->status, ImageStatus::active);
}

TEST(Reconcile, RemovesOnlyOldOrphansAndOnlyWhenTold) {
  ServiceWorld world;
  auto image = world.create_active();
  auto waiting = world.create_and_put();
  auto nobody = ImageId::generate(world.clock.now(), world.random);
  world.put_bytes(incoming_key(nobody), "x");
  world.put_bytes("originals/ann/" + nobody.to_string() + "/a.jpg", "x");
  world.put_bytes(renditions_prefix(nobody) + "thumb", "x");
  world.put_bytes(incoming_key(image.image_id), "late");
  world.put_bytes("foreign/file", "x");
  world.put_bytes("incoming/not-an-id", "x");
  world.put_bytes("originals/odd", "x");

  EXPECT_TRUE(reconcile(world.context, kRepair, kGoOn)->orphaned_objects.empty());
  world.clock.advance(std::chrono::hours(2));
  auto report = reconcile(world.context, {std::chrono::hours(1), false}, kGoOn);
  EXPECT_EQ(report->orphaned_objects.size(), 4u);
  EXPECT_EQ(report->removed, 0u);
  EXPECT_EQ(reconcile(world.context, kRepair, kGoOn)->removed, 4u);
  EXPECT_EQ(world.read(image.s3_key), "bytes");
  EXPECT_EQ(world.read(incoming_key(waiting.image_id)), "bytes");
  EXPECT_EQ(world.read("foreign/file"), "x");
  EXPECT_EQ(world.read("incoming/not-an-id"), "x");
}

// A later try of a request keeps the id of the first, and may bring its bytes after the list was
// made.
TEST(Reconcile, KeepsBytesThatCameAgainAfterTheListWasMade) {
  ServiceWorld world;
  const auto nobody = ImageId::generate(world.clock.now(), world.random);
  world.put_bytes(incoming_key(nobody), "x");
  world.clock.advance(std::chrono::hours(2));
  world.metadata.on_call([&](std::uint64_t, std::string_view method) {
    if (method == "get") world.put_bytes(incoming_key(nobody), "again");
  });
  EXPECT_EQ(reconcile(world.context, kRepair, kGoOn)->removed, 0u);
  EXPECT_EQ(world.read(incoming_key(nobody)), "again");
}

TEST(Reconcile, ReportsAnActiveImageWithoutItsObject) {
  ServiceWorld world;
  auto image = world.create_active();
  ASSERT_TRUE(world.memory_objects.remove(image.s3_key).ok());
  auto report = reconcile(world.context, kRepair, kGoOn);
  EXPECT_EQ(report->missing_objects, std::vector<std::string>{image.image_id.to_string()});
}

TEST(Reconcile, AStoreThatFailsIsNotTakenForEmpty) {
  ServiceWorld world;
  auto image = world.create_active();
  world.clock.advance(std::chrono::hours(2));
  world.metadata.fail_from(1, unavailable_error("disk"));
  EXPECT_FALSE(reconcile(world.context, kRepair, kGoOn).ok());
  EXPECT_EQ(world.read(image.s3_key), "bytes");
}

TEST(CompletionQueue, FinishesInTheBackground) {
  ServiceWorld world;
  auto image = world.create_and_put();
  CompletionQueue queue(world.context, 2, 10);
  EXPECT_TRUE(queue.push(image.image_id));
  for (int i = 0; i < 500; ++i) {
    if (world.memory_metadata.get(image.image_id)->status == ImageStatus::active) break;
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_EQ(world.memory_metadata.get(image.image_id)->status, ImageStatus::active);
  EXPECT_FALSE(queue.take_overflow());
}

TEST(CompletionQueue, WhatNobodyWaitsForHasTimeToWaitItself) {
  ServiceWorld world;
  world.context.upload.background_timeout = std::chrono::hours(1);
  auto image = world.create_and_put();
  {
    CompletionQueue queue(world.context, 1, 10);
    EXPECT_TRUE(queue.push(image.image_id));
    while (world.images.calls == 0) std::this_thread::yield();
  }
  EXPECT_GT(world.images.last_deadline.load(), deadline_in(std::chrono::minutes(59)));
}

TEST(CompletionQueue, RemembersThatItWasFull) {
  ServiceWorld world;
  CompletionQueue queue(world.context, 0, 1);
  auto first = ImageId::generate(world.clock.now(), world.random);
  auto second = ImageId::generate(world.clock.now(), world.random);
  EXPECT_TRUE(queue.push(first));
  EXPECT_TRUE(queue.push(first));
  EXPECT_FALSE(queue.push(second));
  EXPECT_TRUE(queue.take_overflow());
  EXPECT_FALSE(queue.take_overflow());
}

TEST(HashObject, AnObjectShorterThanItsSizeIsAnError) {
  ServiceWorld world;
  world.put_bytes("incoming/x", "abc");
  auto object = world.memory_objects.open("incoming/x").value();
  EXPECT_EQ(*hash_object(object), hex_encode(sha256("abc")));
  object.length = 10;
  EXPECT_FALSE(hash_object(object).ok());
  object.fd.reset();
  EXPECT_FALSE(hash_object(object).ok());
}

}  // namespace
}  // namespace tintype::testing
