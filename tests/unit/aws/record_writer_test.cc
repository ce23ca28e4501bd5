// RecordWriter: what is left when answers are lost, when its maker dies at any step, and when two
// meet on one record.
#include "adapters/aws/record_writer.h"

#include "adapters/aws/image_item.h"

#include "dynamodb_fixture.h"

namespace tintype::testing {
namespace {

using namespace dynamodb;

std::vector<std::string> many_tags(int count) {
  std::vector<std::string> tags;
  for (int i = 0; i < count; ++i) tags.push_back("t" + std::to_string(i));
  return tags;
}

// An active image that must be written in steps: with transactions only one of many tags is.
ImageMetadata large_image(bool transactions) {
  ImageBuilder builder;
  builder.tags(many_tags(transactions ? 30 : 2)).active();
  if (transactions) builder.looks("0123456789abcdef");
  return builder.build();
}

// The sum of records: what rows, counts and usage must be. `images` is what should be there.
void expect_consistent(const FakeDynamoDb& fake, const std::vector<ImageMetadata>& images) {
  std::set<std::string> rows;
  std::map<std::string, std::int64_t> counts;
  Usage usage;
  for (const auto& image : images) {
    for (const auto& [key, row] : rows_of(image, 3)) rows.insert(key.list + "|" + key.place);
    if (is_indexed(image))
      for (const auto& tag : image.tags) ++counts["ann##counts|" + tag];
    usage.images += usage_of(image).images;
    usage.bytes += usage_of(image).bytes;
  }
  std::set<std::string> found;
  std::map<std::string, std::int64_t> counted;
  for (const auto& [name, item] : fake.items("image_tags")) {
    if (name.find("##counts") == name.npos) found.insert(name);
    else if (name.starts_with("ann##counts") && number_of(item, "images").value_or(0) != 0)
      counted[name] = *number_of(item, "images");
  }
  EXPECT_TRUE(found == rows) << found.size() << " rows instead of " << rows.size();
  EXPECT_TRUE(counted == counts) << counted.size() << " counts instead of " << counts.size();
  const auto ledger = fake.items("image_ledger");
  const auto it = ledger.find("usage#ann");
  const Item item = it == ledger.end() ? Item() : it->second;
  EXPECT_EQ(number_of(item, "images").value_or(0), static_cast<std::int64_t>(usage.images));
  EXPECT_EQ(number_of(item, "bytes").value_or(0), static_cast<std::int64_t>(usage.bytes));
  const auto records = fake.items("images");
  EXPECT_EQ(records.size(), images.size());
  for (const auto& [id, record] : records) EXPECT_FALSE(record.contains("unsettled")) << id;
}

bool has_tokens(const FakeDynamoDb& fake) {
  for (const char* table : {"image_tags", "image_ledger"})
    for (const auto& [name, item] : fake.items(table))
      if (item.contains("tokens")) return true;
  return false;
}

ImageMetadata changed(ImageMetadata image) {
  ++image.revision;
  const std::size_t kept = image.tags.size() / 5;  // so that the counters fit into a transaction
  for (std::size_t i = kept; i < image.tags.size(); ++i) image.tags[i] = "other" + image.tags[i];
  return image;
}

class RecordWriterTest : public ::testing::TestWithParam<bool> {
 protected:
  DynamoDbWorld world{GetParam()};
  FakeDynamoDb& fake = world.fake;
  RecordWriter& writer = world.process.writer;

  // The process dies before its n-th request from now.
  void die_after(int requests) {
    const int from = fake.calls();
    fake.plan = [from, requests](int number, const std::string&) {
      return number >= from + requests ? Fault::forbidden : Fault::none;
    };
  }
  void lose(int request, Fault fault) {
    const int at = fake.calls() + request;
    fake.plan = [at, fault](int number, const std::string&) {
      return number == at ? fault : Fault::none;
    };
  }
  // Another process, a minute later.
  DynamoDbProcess& heir() {
    fake.plan = nullptr;
    world.clock.advance(seconds(61));
    heir_.emplace(fake.url(), world.clock, GetParam());
    return *heir_;
  }
  ImageMetadata inserted(const ImageMetadata& image) {
    const auto done = writer.insert(image, {});
    EXPECT_TRUE(done.ok()) << done.error().detail;
    return image;
  }

 private:
  std::optional<DynamoDbProcess> heir_;
};

INSTANTIATE_TEST_SUITE_P(DynamoDb, RecordWriterTest, ::testing::Bool(),
                         [](const auto& mode) { return mode.param ? "transactions" : "steps"; });

TEST_P(RecordWriterTest, EverythingFollowsFromTheRecord) {
  ImageMetadata image = inserted(large_image(GetParam()));
  expect_consistent(fake, {image});
  const ImageMetadata after = changed(image);
  ASSERT_TRUE(writer.replace(image, after).ok());
  expect_consistent(fake, {after});
  ASSERT_TRUE(writer.remove(after).ok());
  expect_consistent(fake, {});
  EXPECT_FALSE(has_tokens(fake));
}

TEST_P(RecordWriterTest, SmallChangesToo) {
  ImageMetadata image = inserted(ImageBuilder().tags({"a", "b"}).build());
  ImageMetadata after = ImageBuilder().tags({"b", "c"}).active().build();
  after.image_id = image.image_id;
  after.upload_timestamp = image.upload_timestamp;
  after.revision = 2;
  ASSERT_TRUE(writer.replace(image, after).ok());
  expect_consistent(fake, {after});
  ASSERT_TRUE(writer.remove(after).ok());
  expect_consistent(fake, {});
  EXPECT_FALSE(has_tokens(fake));
}

// With transactions, what does not fit into one takes a handful of requests, not one per counter.
TEST(RecordWriterCost, AChangeOfManyTags) {
  DynamoDbWorld world;
  const auto image = large_image(true);
  ASSERT_TRUE(world.process.writer.insert(image, {}).ok());
  EXPECT_LE(world.fake.calls(), 6);
}

TEST(RecordWriterCost, OneTransactionForWhatFits) {
  DynamoDbWorld world;
  ASSERT_TRUE(world.process.writer.insert(ImageBuilder().build(), {}).ok());
  ASSERT_TRUE(
      world.process.writer.insert(ImageBuilder().tags(many_tags(27)).active().build(), {}).ok());
  EXPECT_EQ(world.fake.operations(),
            (std::vector<std::string>{"TransactWriteItems", "TransactWriteItems"}));
}

// --- The maker dies ---

TEST_P(RecordWriterTest, AnInsertThatDiesAnywhereIsFinishedOrNothing) {
  for (const bool large : {true, false}) {
    for (int step = 0;; ++step) {
      DynamoDbWorld own(GetParam());
      const ImageMetadata image = large ? large_image(GetParam()) : ImageBuilder().build();
      own.fake.plan = [step](int number, const std::string&) {
        return number >= step ? Fault::forbidden : Fault::none;
      };
      const auto done = own.process.writer.insert(image, {});
      own.fake.plan = nullptr;
      own.clock.advance(seconds(61));
      DynamoDbProcess heir(own.fake.url(), own.clock, GetParam());
      ASSERT_TRUE(heir.writer.settle_old(100).ok());
      const bool there = !own.fake.items("images").empty();
      EXPECT_TRUE(there || !done.ok()) << step;
      expect_consistent(own.fake, there ? std::vector{image} : std::vector<ImageMetadata>());
      if (HasFailure()) FAIL() << "died before request " << step;
      if (own.fake.calls() <= step) break;  // nothing was in its way
    }
  }
}

TEST_P(RecordWriterTest, AChangeThatDiesAnywhereIsFinishedOrNothing) {
  for (int step = 0; step < 300; ++step) {
    DynamoDbWorld own(GetParam());
    const ImageMetadata image = large_image(GetParam()), after = changed(image);
    ASSERT_TRUE(own.process.writer.insert(image, {}).ok());
    const int before = own.fake.calls();
    own.fake.plan = [step, before](int number, const std::string&) {
      return number >= before + step ? Fault::forbidden : Fault::none;
    };
    const auto done = own.process.writer.replace(image, after);
    const bool undisturbed = own.fake.calls() <= before + step;
    own.fake.plan = nullptr;
    own.clock.advance(seconds(61));
    DynamoDbProcess heir(own.fake.url(), own.clock, GetParam());
    const auto record = heir.writer.read_settled(image.image_id);
    ASSERT_TRUE(record.ok()) << record.error().detail;
    const bool changed_it = (*record)->image.revision == 2;
    EXPECT_TRUE(changed_it || !done.ok());
    expect_consistent(own.fake, {changed_it ? after : image});
    if (HasFailure()) FAIL() << "died before request " << step;
    if (undisturbed) return;
  }
}

TEST_P(RecordWriterTest, ARemovalThatDiesAnywhereIsFinishedOrNothing) {
  for (int step = 0; step < 300; ++step) {
    DynamoDbWorld own(GetParam());
    const ImageMetadata image = large_image(GetParam());
    ASSERT_TRUE(own.process.writer.insert(image, {}).ok());
    const int before = own.fake.calls();
    own.fake.plan = [step, before](int number, const std::string&) {
      return number >= before + step ? Fault::forbidden : Fault::none;
    };
    const auto done = own.process.writer.remove(image);
    const bool undisturbed = own.fake.calls() <= before + step;
    own.fake.plan = nullptr;
    // From the moment of success nobody sees it.
    DynamoDbProcess reader(own.fake.url(), own.clock, GetParam());
    const auto seen = reader.store.get(image.image_id);
    EXPECT_TRUE(!done.ok() || (!seen.ok() && seen.error().is(ErrorKind::not_found)));
    own.clock.advance(seconds(61));
    DynamoDbProcess heir(own.fake.url(), own.clock, GetParam());
    ASSERT_TRUE(heir.writer.settle_old(100).ok());
    const bool there = !own.fake.items("images").empty();
    EXPECT_TRUE(!there || !done.ok());
    expect_consistent(own.fake, there ? std::vector{image} : std::vector<ImageMetadata>());
    if (HasFailure()) FAIL() << "died before request " << step;
    if (undisturbed) return;
  }
}

TEST_P(RecordWriterTest, OfTwoHeirsThatDieTooTheThirdFinishes) {
  const ImageMetadata image = inserted(large_image(GetParam())), after = changed(image);
  die_after(GetParam() ? 2 : 8);
  (void)writer.replace(image, after);
  for (int deaths = 0; deaths < 2; ++deaths) {
    auto& next = heir();
    die_after(4);
    (void)next.writer.settle_old(100);
  }
  EXPECT_TRUE(heir().writer.settle_old(100).ok());
  expect_consistent(fake, {after});
}

// --- Answers are lost ---

// Transactions of few items, so that an image of ten tags is written in the steps that one of
// thirty needs, with its counters in a transaction.
TEST_P(RecordWriterTest, AnyLostAnswerIsASuccessThatCountsOnce) {
  constexpr std::size_t kFewItems = 38;
  const auto tagged = [](int tags) {
    return ImageBuilder().tags(many_tags(tags)).active().looks("0123456789abcdef").build();
  };
  for (const Fault fault : {Fault::lost_answer, Fault::lost_request, Fault::throttled}) {
    for (int at = 0; at < 400; ++at) {
      DynamoDbWorld own(GetParam(), kFewItems);
      own.fake.has_tokens = false;  // the stricter case: a repetition is refused, not recognised
      own.fake.plan = [at, fault](int number, const std::string&) {
        return number == at ? fault : Fault::none;
      };
      const ImageMetadata image = tagged(GetParam() ? 10 : 2), after = changed(image);
      const auto in = own.process.writer.insert(image, {.max_images = 1});
      ASSERT_TRUE(in.ok()) << in.error().detail;
      EXPECT_EQ(*in, RecordWriter::Settled::now);
      const auto change = own.process.writer.replace(image, after);
      EXPECT_TRUE(change.ok()) << change.error().detail;
      expect_consistent(own.fake, {after});
      const auto out = own.process.writer.remove(after);
      EXPECT_TRUE(out.ok()) << out.error().detail;
      expect_consistent(own.fake, {});
      if (HasFailure())
        FAIL() << "fault " << static_cast<int>(fault) << " at request " << at << " of "
               << ::testing::PrintToString(own.fake.operations());
      if (own.fake.calls() <= at) break;
    }
  }
}

TEST_P(RecordWriterTest, AnothersRecordIsNotTakenForOurLostWrite) {
  const ImageMetadata image = inserted(ImageBuilder().build());
  ImageMetadata theirs = image;
  theirs.filename = "theirs.jpg";
  lose(0, Fault::lost_request);
  const auto again = writer.insert(theirs, {});
  ASSERT_FALSE(again.ok());
  EXPECT_TRUE(again.error().is("already_exists"));
  ImageMetadata mine = image;
  mine.revision = 2;
  theirs.revision = 2;
  ASSERT_TRUE(writer.replace(image, theirs).ok());
  lose(0, Fault::lost_request);
  EXPECT_TRUE(writer.replace(image, mine).error().is(ErrorKind::stale));
}

TEST_P(RecordWriterTest, TheSameLeaseTakenByAnotherIsNotOurs) {
  const ImageMetadata image = inserted(ImageBuilder().build());
  const Timestamp now = world.clock.now(), until = now + seconds(60);
  EXPECT_TRUE(world.process.store.take_lease(image.image_id, now, until)->taken);
  // In the same millisecond, from another process whose first attempt was lost on its way.
  DynamoDbProcess other(fake.url(), world.clock, GetParam());
  lose(0, Fault::lost_request);
  const auto second = other.store.take_lease(image.image_id, now, until);
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->taken);
}

TEST_P(RecordWriterTest, ALeaseWhoseAnswerWasLostIsOurs) {
  const ImageMetadata image = inserted(ImageBuilder().build());
  const Timestamp now = world.clock.now();
  lose(0, Fault::lost_answer);
  const auto lease = world.process.store.take_lease(image.image_id, now, now + seconds(60));
  ASSERT_TRUE(lease.ok());
  EXPECT_TRUE(lease->taken);
  EXPECT_EQ(lease->image.revision, 2);
}

// --- Two meet ---

// A note of a removal stands on the record at the same revision: it is not ours because our first
// attempt got lost.
TEST_P(RecordWriterTest, AnothersNoteIsNotTakenForOurs) {
  const ImageMetadata image = inserted(large_image(GetParam())), after = changed(image);
  die_after(GetParam() ? 2 : 5);
  (void)writer.replace(image, after);  // revision 2, with a note
  DynamoDbProcess other(fake.url(), world.clock, GetParam());
  lose(0, Fault::lost_request);
  EXPECT_FALSE(other.writer.remove(after).ok());
  ASSERT_TRUE(heir().writer.settle_old(100).ok());
  expect_consistent(fake, {after});
}

TEST_P(RecordWriterTest, ANoteIsWaitedForThenFinishedByWhoeverNeedsTheRecord) {
  const ImageMetadata image = inserted(large_image(GetParam())), after = changed(image);
  die_after(GetParam() ? 2 : 5);
  (void)world.process.store.update(image);
  (void)writer.replace(image, after);
  auto& next = heir();
  ImageMetadata change = next.store.get(image.image_id).value();
  change.description = "mine";
  const auto done = next.store.update(change);
  ASSERT_TRUE(done.ok()) << done.error().detail;
  expect_consistent(fake, {*done});
}

TEST_P(RecordWriterTest, AClaimWhoseAnswerWasLostIsOurs) {
  const ImageMetadata image = inserted(large_image(GetParam())), after = changed(image);
  die_after(GetParam() ? 2 : 5);
  (void)writer.replace(image, after);
  auto& next = heir();
  lose(1, Fault::lost_answer);  // the record is read, then claimed
  const auto began = std::chrono::steady_clock::now();
  const auto record = next.writer.read_settled(image.image_id);
  ASSERT_TRUE(record.ok()) << record.error().detail;
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(3));  // it has not waited for itself
  expect_consistent(fake, {after});
}

// The maker of a note comes back to it after another one has finished it, and after a third has
// changed the record again.
TEST_P(RecordWriterTest, AMakerThatComesBackTooLateChangesNothing) {
  const ImageMetadata image = inserted(large_image(GetParam())), after = changed(image);
  ImageMetadata last = after;
  last.tags = {"last"};
  last.revision = 3;
  const int from = fake.calls();
  std::atomic<bool> inside{false};
  fake.plan = [&](int number, const std::string& operation) {
    // Between the maker's first and second step: another process does all of the rest.
    if (number == from + 1 && !inside.exchange(true)) {
      (void)operation;
      world.clock.advance(seconds(61));
    }
    return Fault::none;
  };
  EXPECT_EQ(writer.replace(image, after).value(), RecordWriter::Settled::later);
  fake.plan = nullptr;
  EXPECT_TRUE(fake.items("images").at(image.image_id.to_string()).contains("unsettled"));
  DynamoDbProcess other(fake.url(), world.clock, GetParam());
  ASSERT_TRUE(other.writer.settle_old(100).ok());
  expect_consistent(fake, {after});
  ASSERT_TRUE(other.writer.replace(after, last).ok());
  expect_consistent(fake, {last});
}

TEST_P(RecordWriterTest, AnUnfinishableNoteDoesNotKeepOthersFromTheirs) {
  const ImageMetadata broken = inserted(large_image(GetParam())),
                      image = inserted(large_image(GetParam()));
  const ImageMetadata after = changed(image);
  die_after(GetParam() ? 2 : 5);
  (void)writer.replace(image, after);
  fake.plan = nullptr;
  Item item = fake.items("images").at(broken.image_id.to_string());
  item["status"] = "nonsense";
  item["unsettled"] = Item{{"token", "t"}};
  item["due_shard"] = kUnsettled;
  item["due_at"] = listed_at({kTestEpoch - seconds(1000), broken.image_id});
  fake.put("images", item);
  EXPECT_TRUE(heir().writer.settle_old(100).ok());
  EXPECT_FALSE(fake.items("images").at(image.image_id.to_string()).contains("unsettled"));
}

// --- Quotas ---

TEST_P(RecordWriterTest, AQuotaThatIsFullLeavesNothingBehind) {
  const ImageMetadata first = inserted(large_image(GetParam()));
  for (const auto& image : {large_image(GetParam()), ImageBuilder().build()}) {
    const auto refused = writer.insert(image, {.max_images = 1});
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.error().is("quota_exceeded"));
    EXPECT_TRUE(writer.insert(image, {.max_bytes = 1999}).error().is("quota_exceeded"));
  }
  expect_consistent(fake, {first});
  EXPECT_TRUE(writer.insert(large_image(GetParam()), {.max_images = 2, .max_bytes = 2000}).ok());
}

TEST_P(RecordWriterTest, MoreThanTheWholeQuotaIsRefusedWithoutARequest) {
  EXPECT_TRUE(
      writer.insert(ImageBuilder().build(), {.max_bytes = 999}).error().is("quota_exceeded"));
  EXPECT_EQ(fake.calls(), 0);
}

}  // namespace
}  // namespace tintype::testing
