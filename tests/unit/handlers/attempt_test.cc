#include "handlers/attempt.h"

#include <gtest/gtest.h>

#include "support/image_builder.h"

namespace tintype {
namespace {

using testing::SeededRandom;

class AttemptTest : public ::testing::Test {
 protected:
  SeededRandom random_{7};
  const ImageId id_ = ImageId::generate(Timestamp(milliseconds(1'700'000'000'000)), random_);
};

TEST_F(AttemptTest, IdsDifferAndAreOfOneMillisecond) {
  const auto attempt = Attempt::first(id_, random_);
  EXPECT_EQ(attempt.id(0), id_);
  EXPECT_NE(attempt.id(1), id_);
  EXPECT_NE(attempt.id(1), attempt.id(2));
  EXPECT_EQ(attempt.id(2).created_at(), id_.created_at());
}

TEST_F(AttemptTest, ALaterTryGivesTheSameIds) {
  const auto first = Attempt::first(id_, random_);
  const auto again = Attempt::again(first.seed()).value();
  EXPECT_TRUE(again.repeated);
  for (std::size_t n = 0; n < 5; ++n) EXPECT_EQ(again.id(n), first.id(n));
}

TEST_F(AttemptTest, OneIdTellsNothingOfTheOthers) {
  const auto one = Attempt::first(id_, random_);
  const auto other = Attempt::first(id_, random_);
  EXPECT_NE(one.id(1), other.id(1));
}

TEST_F(AttemptTest, AnIdAloneIsTheSeedOfAnOlderVersion) {
  EXPECT_EQ(Attempt::again(id_.bytes()).value().first_id, id_);
  EXPECT_FALSE(Attempt::again("short").ok());
  EXPECT_FALSE(Attempt::again("").ok());
}

}  // namespace
}  // namespace tintype
