// Conformance of MetadataStore: single records, revisions, quota and usage.
#pragma once

#include <atomic>

#include "conformance/metadata_store_factory.h"
#include "support/full_record.h"

namespace tintype::testing {

TEST_P(MetadataStoreTest, GivesBackEveryMember) {
  const ImageMetadata full = full_record();
  ASSERT_TRUE(store().insert(full, {}).ok());
  auto found = store().get(full.image_id);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, full);
  const auto listed = store().scan({}, 10);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front(), full);  // read from the store, not from a cache
}

TEST_P(MetadataStoreTest, GivesBackABareRecord) {
  ImageMetadata bare = ImageBuilder().expires({}).description("").build();
  bare.s3_bucket = bare.s3_key = "";
  ASSERT_TRUE(store().insert(bare, {}).ok());
  EXPECT_EQ(*store().get(bare.image_id), bare);
  EXPECT_EQ(store().scan({}, 10)->front(), bare);
}

TEST_P(MetadataStoreTest, UpdatesEveryMember) {
  const ImageMetadata first = add(ImageBuilder().user("a.user@example.com"));
  ImageMetadata full = full_record();
  full.image_id = first.image_id;
  full.upload_timestamp = first.upload_timestamp;
  full.revision = first.revision;
  const ImageMetadata updated = change(full);
  full.revision = 2;
  EXPECT_EQ(updated, full);
  EXPECT_EQ(*store().get(first.image_id), full);
  EXPECT_EQ(store().scan({}, 10)->front(), full);
}

TEST_P(MetadataStoreTest, UnknownRecordIsNotFound) {
  const ImageMetadata unknown = ImageBuilder().build();
  EXPECT_EQ(store().get(unknown.image_id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().update(unknown).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().remove(unknown.image_id, 1).error().kind, ErrorKind::not_found);
}

TEST_P(MetadataStoreTest, AnIdIsTakenOnce) {
  const ImageMetadata image = add(ImageBuilder());
  ImageMetadata other = image;
  other.user_id = "bob";
  const auto again = store().insert(other, {});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(again.error().code, "already_exists");
  EXPECT_EQ(store().get(image.image_id)->user_id, "ann");
  EXPECT_EQ(*store().usage("bob"), Usage{});
}

TEST_P(MetadataStoreTest, StaleRevisionChangesNothing) {
  ImageMetadata image = add(ImageBuilder());
  const ImageMetadata current = change(image);
  image.filename = "other.jpg";
  const auto stale = store().update(image);
  ASSERT_FALSE(stale.ok());
  EXPECT_EQ(stale.error().kind, ErrorKind::stale);
  EXPECT_EQ(store().remove(image.image_id, 1).error().kind, ErrorKind::stale);
  EXPECT_EQ(*store().get(image.image_id), current);
}

TEST_P(MetadataStoreTest, OwnerAndTimeNeverChange) {
  const ImageMetadata image = add(ImageBuilder());
  ImageMetadata moved = image;
  moved.user_id = "bob";
  EXPECT_EQ(store().update(moved).error().kind, ErrorKind::invalid);
  ImageMetadata later = image;
  later.upload_timestamp += milliseconds(1);
  EXPECT_EQ(store().update(later).error().kind, ErrorKind::invalid);
  EXPECT_EQ(*store().get(image.image_id), image);
}

TEST_P(MetadataStoreTest, RemovedIsGoneEverywhere) {
  const ImageMetadata image = add(ImageBuilder().tags({"cat"}).description("whiskers").active());
  ASSERT_TRUE(store().remove(image.image_id, 1).ok());
  EXPECT_EQ(store().get(image.image_id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(count(by_user("ann")), 0u);
  EXPECT_EQ(count({}), 0u);
  EXPECT_TRUE(store().tag_counts({})->empty());
  EXPECT_EQ(*store().usage("ann"), Usage{});
  EXPECT_FALSE(store().find_by_sha256("ann", *image.sha256)->has_value());
  EXPECT_TRUE(store().scan({}, 10)->empty());
  EXPECT_TRUE(store().insert(image, {}).ok()) << "the id is free again";
}

TEST_P(MetadataStoreTest, QuotaOfImages) {
  const Quota quota{.max_images = 2};
  ASSERT_TRUE(store().insert(ImageBuilder().build(), quota).ok());
  const ImageMetadata second = ImageBuilder().build();
  ASSERT_TRUE(store().insert(second, quota).ok());
  const ImageMetadata third = ImageBuilder().build();
  const auto refused = store().insert(third, quota);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::unprocessable);
  EXPECT_EQ(refused.error().code, "quota_exceeded");
  EXPECT_EQ(store().get(third.image_id).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(store().insert(ImageBuilder().user("bob").build(), quota).ok());
  ASSERT_TRUE(store().remove(second.image_id, 1).ok());
  EXPECT_TRUE(store().insert(third, quota).ok()) << "room was made";
}

TEST_P(MetadataStoreTest, QuotaOfBytesIsMetExactly) {
  const Quota quota{.max_bytes = 3000};
  ASSERT_TRUE(store().insert(ImageBuilder().size(2000).build(), quota).ok());
  EXPECT_EQ(store().insert(ImageBuilder().size(1001).build(), quota).error().code,
            "quota_exceeded");
  EXPECT_TRUE(store().insert(ImageBuilder().size(1000).build(), quota).ok());
  EXPECT_EQ(*store().usage("ann"), (Usage{2, 3000}));
}

TEST_P(MetadataStoreTest, QuotaHoldsUnderConcurrency) {
  std::atomic<int> added{0};
  in_parallel(8, [&](int) {
    for (int i = 0; i < 10; ++i)
      if (store().insert(ImageBuilder().build(), {.max_images = 25}).ok()) ++added;
  });
  EXPECT_EQ(added, 25);
  EXPECT_EQ(store().usage("ann")->images, 25u);
}

TEST_P(MetadataStoreTest, AFailedImageCountsNothing) {
  ImageMetadata image = add(ImageBuilder().size(500));
  EXPECT_EQ(*store().usage("ann"), (Usage{1, 500}));
  image.status = ImageStatus::failed;
  image = change(image);
  EXPECT_EQ(*store().usage("ann"), Usage{});
  image.status = ImageStatus::deleted;
  image.deleted_from = ImageStatus::failed;
  image = change(image);
  EXPECT_EQ(*store().usage("ann"), Usage{});
  EXPECT_EQ(*store().usage("nobody"), Usage{});
}

TEST_P(MetadataStoreTest, OneOfManyConcurrentUpdatesWins) {
  const ImageMetadata image = add(ImageBuilder().active());
  for (int round = 0; round < rounds(20); ++round) {
    const ImageMetadata seen = *store().get(image.image_id);
    std::atomic<int> won{0};
    std::atomic<int> stale{0};
    in_parallel(8, [&](int thread) {
      ImageMetadata mine = seen;
      mine.tags = {"t" + std::to_string(thread)};
      const auto result = store().update(mine);
      if (result.ok()) ++won;
      else if (result.error().is(ErrorKind::stale)) ++stale;
    });
    ASSERT_EQ(won, 1);
    ASSERT_EQ(stale, 7);
    const auto counts = store().tag_counts({});
    ASSERT_EQ(counts->size(), 1u) << "the tag rows are those of the winner alone";
    ASSERT_EQ(counts->front().tag, store().get(image.image_id)->tags.front());
  }
}

TEST_P(MetadataStoreTest, NoConcurrentIncrementIsLost) {
  const ImageMetadata image = add(ImageBuilder().active());
  const int each = rounds(25);
  in_parallel(8, [&](int) {
    for (int done = 0; done < each;) {
      ImageMetadata seen = *store().get(image.image_id);
      seen.size += 1;
      if (store().update(seen).ok()) ++done;
    }
  });
  const auto steps = static_cast<std::uint64_t>(8 * each);
  EXPECT_EQ(store().get(image.image_id)->size, 1000 + steps);
  EXPECT_EQ(store().get(image.image_id)->revision, static_cast<std::int64_t>(1 + steps));
  EXPECT_EQ(store().usage("ann")->bytes, 1000 + steps);
}

// A reader may see an old record only until a new one was seen or returned.
TEST_P(MetadataStoreTest, ReadersNeverGoBackInTime) {
  ImageMetadata image = add(ImageBuilder().active());
  const ImageId id = image.image_id;  // the writer replaces `image`
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> returned{1};
  std::atomic<int> wrong{0};
  std::thread writer([&] {
    for (int i = 0; i < rounds(300); ++i) {
      image = change(image);
      returned = image.revision;
    }
    stop = true;
  });
  in_parallel(3, [&](int) {
    std::int64_t last = 0;
    while (!stop) {
      const std::int64_t floor = returned;
      const auto listed = store().query(by_user("ann"));
      if (!listed.ok() || listed->images.size() != 1) return void(++wrong);
      const std::int64_t seen = listed->images.front().revision;
      const auto got = store().get(id);
      if (!got.ok() || seen < floor || seen < last || got->revision < seen) ++wrong;
      last = got.ok() ? got->revision : last;
    }
  });
  writer.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(MetadataStoreTest, ALeaseIsTakenByOne) {
  const ImageMetadata image = add(ImageBuilder().tags({"cat"}));
  const Timestamp now = kTestEpoch + seconds(1), until = now + seconds(60);
  std::atomic<int> taken{0};
  in_parallel(8, [&](int) {
    const auto lease = store().take_lease(image.image_id, now, until);
    ASSERT_TRUE(lease.ok()) << lease.error().detail;
    if (lease->taken) ++taken;
    EXPECT_EQ(lease->image.lease_until, until);
    EXPECT_EQ(lease->image.revision, 2);
  });
  EXPECT_EQ(taken, 1);
  ImageMetadata leased = image;
  leased.lease_until = until;
  leased.revision = 2;
  EXPECT_EQ(*store().get(image.image_id), leased);
  EXPECT_TRUE(store().due(until - milliseconds(1), 10)->empty());
  EXPECT_EQ(store().due(until, 10)->front(), leased) << "the janitor looks after it";
  const auto next = store().take_lease(image.image_id, until, until + seconds(60));
  EXPECT_TRUE(next->taken) << "it has run out";
  EXPECT_EQ(next->image.revision, 3);
  leased = next->image;
  leased.status = ImageStatus::active;
  leased.lease_until.reset();
  leased = change(leased);
  const auto late = store().take_lease(image.image_id, until + seconds(600), until);
  ASSERT_TRUE(late.ok());
  EXPECT_FALSE(late->taken);
  EXPECT_EQ(late->image, leased);
  EXPECT_EQ(store().take_lease(ImageBuilder().build().image_id, now, until).error().kind,
            ErrorKind::not_found);
}

TEST_P(MetadataStoreTest, ChecksOut) { EXPECT_TRUE(store().check().ok()); }

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MetadataStoreTest);

}  // namespace tintype::testing
