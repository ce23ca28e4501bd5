// Conformance of MetadataStore: due records, scan, content hashes and idempotency keys.
#pragma once

#include <algorithm>
#include <atomic>

#include "conformance/metadata_store_factory.h"

namespace tintype::testing {

TEST_P(MetadataStoreTest, DueIsLongestDueFirst) {
  const auto at = [](int i) { return kTestEpoch + milliseconds(i); };
  const auto third = add(ImageBuilder().expires(at(30)));
  const auto first = add(ImageBuilder().deleted(at(10)));
  ImageMetadata purging = ImageBuilder().at(at(20)).active().build();
  purging.status = ImageStatus::purging;
  ASSERT_TRUE(store().insert(purging, {}).ok());
  ImageMetadata leased = ImageBuilder().expires(at(5)).build();
  leased.lease_until = at(40);
  ASSERT_TRUE(store().insert(leased, {}).ok());
  add(ImageBuilder().active());
  add(ImageBuilder().failed());
  const auto due = [&](int now, std::size_t limit = 10) {
    std::vector<ImageId> ids;
    const auto found = store().due(at(now), limit);
    for (const auto& image : *found) ids.push_back(image.image_id);
    return ids;
  };
  using Ids = std::vector<ImageId>;
  EXPECT_EQ(due(9), Ids{});
  EXPECT_EQ(due(10), Ids{first.image_id});
  EXPECT_EQ(due(39), (Ids{first.image_id, purging.image_id, third.image_id}));
  EXPECT_EQ(due(40).size(), 4u);
  EXPECT_EQ(due(40, 2), (Ids{first.image_id, purging.image_id}));
  ImageMetadata done = first;
  done.status = ImageStatus::active;
  done.deleted_from.reset();
  change(done);
  EXPECT_EQ(due(10), Ids{}) << "a restored image is not due";
}

TEST_P(MetadataStoreTest, ScanGoesThroughAllInOrderOfId) {
  std::vector<ImageId> ids;
  for (int i = 0; i < 9; ++i) {
    ImageBuilder builder;
    builder.at(kTestEpoch + milliseconds(i % 4)).user("u" + std::to_string(i % 3));
    if (i % 2 == 0) builder.active();
    ids.push_back(add(builder).image_id);
  }
  std::sort(ids.begin(), ids.end());
  std::vector<ImageId> seen;
  std::optional<ImageId> after;
  for (;;) {
    const auto part = store().scan(after, 4);
    ASSERT_TRUE(part.ok());
    if (part->empty()) break;
    EXPECT_LE(part->size(), 4u);
    for (const auto& image : *part) seen.push_back(image.image_id);
    after = seen.back();
  }
  EXPECT_EQ(seen, ids);
}

TEST_P(MetadataStoreTest, FindsTheOldestActiveWithAHash) {
  const std::string hash(64, 'c');
  const auto at = [](int i) { return kTestEpoch + milliseconds(i); };
  add(ImageBuilder().at(at(0)).sha256(hash));  // not active
  add(ImageBuilder().at(at(1)).user("bob").sha256(hash).active());
  add(ImageBuilder().at(at(3)).sha256(hash).active());
  const auto oldest = add(ImageBuilder().at(at(2)).sha256(hash).active());
  const auto found = store().find_by_sha256("ann", hash);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ(**found, oldest);
  EXPECT_FALSE(store().find_by_sha256("ann", std::string(64, 'd'))->has_value());
}

inline IdempotencyRequest key_request(std::string key, std::string fingerprint, int now = 0) {
  const Timestamp t = kTestEpoch + seconds(now);
  return {std::move(key), std::move(fingerprint), t, t + seconds(60), t + seconds(3600), {}};
}

TEST_P(MetadataStoreTest, AKeyIsHeldAnsweredAndReplayed) {
  using Kind = IdempotencyState::Kind;
  const auto begin = [&](std::string fingerprint, int now) {
    return *store().begin_idempotent(key_request("k", std::move(fingerprint), now));
  };
  EXPECT_EQ(begin("f", 0).kind, Kind::fresh);
  EXPECT_EQ(begin("f", 1).kind, Kind::in_progress);
  EXPECT_EQ(begin("other", 1).kind, Kind::mismatch);
  const StoredAnswer answer{201, "Location: /x\n", std::string("{\"a\":\"\0\"}", 9)};
  ASSERT_TRUE(store().finish_idempotent("k", "", answer).ok());
  ASSERT_TRUE(store().finish_idempotent("k", "", answer).ok());
  ASSERT_TRUE(store().abandon_idempotent("k", "").ok()) << "too late to matter";
  const auto replay = begin("f", 2);
  EXPECT_EQ(replay.kind, Kind::replay);
  EXPECT_EQ(replay.answer, answer);
  EXPECT_EQ(begin("other", 2).kind, Kind::mismatch);
  EXPECT_EQ(begin("f", 3599).kind, Kind::replay);
  EXPECT_EQ(begin("other", 3600).kind, Kind::fresh) << "forgotten";
}

// Both may be digests.
TEST_P(MetadataStoreTest, AKeyAndItsFingerprintMayBeAnyBytes) {
  using Kind = IdempotencyState::Kind;
  const std::string bytes("\n\0\xff\xc3 #", 6), others("\n\0\xfe\xc3 #", 6);
  EXPECT_EQ(store().begin_idempotent(key_request(bytes, bytes))->kind, Kind::fresh);
  EXPECT_EQ(store().begin_idempotent(key_request(bytes, bytes))->kind, Kind::in_progress);
  EXPECT_EQ(store().begin_idempotent(key_request(bytes, others))->kind, Kind::mismatch);
  EXPECT_EQ(store().begin_idempotent(key_request(others, bytes))->kind, Kind::fresh);
  const StoredAnswer answer{200, bytes, others};
  ASSERT_TRUE(store().finish_idempotent(bytes, "", answer).ok());
  EXPECT_EQ(store().begin_idempotent(key_request(bytes, bytes))->answer, answer);
}

// A batch of a hundred answers with a hundred images.
TEST_P(MetadataStoreTest, AnAnswerMayBeLarge) {
  const StoredAnswer answer{200, "", std::string(1'700'000, 'x') + "end"};
  ASSERT_TRUE(store().begin_idempotent(key_request("k", "f")).ok());
  ASSERT_TRUE(store().finish_idempotent("k", "", answer).ok());
  EXPECT_EQ(store().begin_idempotent(key_request("k", "f"))->answer, answer);
}

TEST_P(MetadataStoreTest, AnAbandonedKeyIsFree) {
  using Kind = IdempotencyState::Kind;
  EXPECT_EQ(store().begin_idempotent(key_request("k", "f"))->kind, Kind::fresh);
  ASSERT_TRUE(store().abandon_idempotent("k", "").ok());
  ASSERT_TRUE(store().abandon_idempotent("k", "").ok());
  EXPECT_EQ(store().begin_idempotent(key_request("k", "other"))->kind, Kind::fresh);
  EXPECT_TRUE(store().finish_idempotent("unknown", "", {200, "", ""}).ok());
  EXPECT_EQ(store().begin_idempotent(key_request("unknown", "f"))->kind, Kind::fresh);
}

TEST_P(MetadataStoreTest, AHoldIsGivenUpInTime) {
  using Kind = IdempotencyState::Kind;
  EXPECT_EQ(store().begin_idempotent(key_request("k", "f", 0))->kind, Kind::fresh);
  EXPECT_EQ(store().begin_idempotent(key_request("k", "f", 59))->kind, Kind::in_progress);
  EXPECT_EQ(store().begin_idempotent(key_request("k", "f", 60))->kind, Kind::fresh);
  EXPECT_EQ(store().begin_idempotent(key_request("k", "f", 61))->kind, Kind::in_progress);
}

// What the first try did under names made from its seed, the next one finds again.
TEST_P(MetadataStoreTest, TheNextTryGetsTheSeedOfTheFirst) {
  using Kind = IdempotencyState::Kind;
  const auto seed_of = [&](std::string fingerprint, std::string seed, int now) {
    auto request = key_request("k", std::move(fingerprint), now);
    request.seed = std::move(seed);
    const auto state = *store().begin_idempotent(request);
    return state.kind == Kind::fresh ? state.seed : std::string("(not fresh)");
  };
  const std::string first("\x01\0\xff", 3);  // may be any bytes
  EXPECT_EQ(seed_of("f", first, 0), first);
  EXPECT_EQ(seed_of("f", "second", 59), "(not fresh)");
  EXPECT_EQ(seed_of("f", "third", 60), first) << "the first hold was given up";
  EXPECT_EQ(seed_of("f", "fourth", 61), "(not fresh)") << "held again";
  ASSERT_TRUE(store().abandon_idempotent("k", "").ok());
  EXPECT_EQ(seed_of("f", "fifth", 62), first) << "the request failed, perhaps after its effect";
  ASSERT_TRUE(store().abandon_idempotent("k", "").ok());
  EXPECT_EQ(seed_of("other", "sixth", 63), "sixth") << "another request";
  EXPECT_EQ(seed_of("other", "seventh", 63 + 3600), "seventh") << "forgotten";
  ASSERT_TRUE(store().finish_idempotent("k", "", {200, "", "done"}).ok());
  EXPECT_EQ(store().begin_idempotent(key_request("k", "other", 3700))->answer.body, "done");
}

// A slow request and the one that has taken its key over: the slow one's end changes nothing.
TEST_P(MetadataStoreTest, OnlyTheHolderEndsAHold) {
  using Kind = IdempotencyState::Kind;
  const auto begin = [&](std::string fingerprint, std::string holder, int now) {
    auto request = key_request("k", std::move(fingerprint), now);
    request.holder = std::move(holder);
    return *store().begin_idempotent(request);
  };
  const std::string slow("\0\xfe", 2);  // may be any bytes
  EXPECT_EQ(begin("f", slow, 0).kind, Kind::fresh);
  EXPECT_EQ(begin("other", "quick", 60).kind, Kind::fresh);
  ASSERT_TRUE(store().abandon_idempotent("k", slow).ok());
  EXPECT_EQ(begin("other", "third", 61).kind, Kind::in_progress);
  ASSERT_TRUE(store().finish_idempotent("k", slow, {201, "", "slow"}).ok());
  ASSERT_TRUE(store().finish_idempotent("k", slow, {201, "", std::string(700'000, 's')}).ok());
  EXPECT_EQ(begin("other", "third", 61).kind, Kind::in_progress);
  const StoredAnswer large{201, "", std::string(700'000, 'q')};
  ASSERT_TRUE(store().finish_idempotent("k", "quick", large).ok());
  ASSERT_TRUE(store().finish_idempotent("k", slow, {201, "", std::string(700'000, 's')}).ok());
  EXPECT_EQ(begin("other", "third", 62).answer, large);
  EXPECT_EQ(begin("f", slow, 62).kind, Kind::mismatch);
}

TEST_P(MetadataStoreTest, OneOfManyTakesAGivenUpHold) {
  using Kind = IdempotencyState::Kind;
  auto first = key_request("k", "f", 0);
  first.seed = "first";
  ASSERT_TRUE(store().begin_idempotent(first).ok());
  for (int round = 1; round <= rounds(10); ++round) {
    std::atomic<int> fresh{0};
    in_parallel(8, [&](int) {
      const auto state = store().begin_idempotent(key_request("k", "f", 60 * round));
      ASSERT_TRUE(state.ok()) << state.error().detail;
      if (state->kind != Kind::fresh) return;
      ++fresh;
      EXPECT_EQ(state->seed, "first");
    });
    EXPECT_EQ(fresh, 1);
  }
}

TEST_P(MetadataStoreTest, ExpiredKeysAreForgotten) {
  for (int i = 0; i < 5; ++i)
    (void)*store().begin_idempotent(key_request("k" + std::to_string(i), "f", i));
  EXPECT_EQ(*store().forget_idempotent(kTestEpoch + seconds(3599)), 0u);
  EXPECT_EQ(*store().forget_idempotent(kTestEpoch + seconds(3602)), 3u);
  EXPECT_EQ(*store().forget_idempotent(kTestEpoch + seconds(3602)), 0u);
}

TEST_P(MetadataStoreTest, OneOfManyGetsAFreshKey) {
  using Kind = IdempotencyState::Kind;
  for (int round = 0; round < rounds(20); ++round) {
    std::atomic<int> fresh{0};
    std::atomic<int> waiting{0};
    in_parallel(8, [&](int) {
      const auto state = store().begin_idempotent(key_request("k" + std::to_string(round), "f"));
      if (state->kind == Kind::fresh) ++fresh;
      if (state->kind == Kind::in_progress) ++waiting;
    });
    EXPECT_EQ(fresh, 1);
    EXPECT_EQ(waiting, 7);
  }
}

}  // namespace tintype::testing
