#include "adapters/aws/credentials_chain.h"

#include <gtest/gtest.h>

#include "credential_world.h"

namespace tintype {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::soon;
using testing::SteppedClock;

// Gives `life`-long keys AK1, AK2, ... or the error that a test set, after holding callers back.
class FakeSource final : public CredentialSource {
 public:
  struct State {
    std::atomic<int> calls{0};
    std::atomic<int> inside{0};
    std::atomic<bool> held{false};
    std::atomic<bool> throws{false};
    std::mutex mutex;
    std::optional<Error> error;
    std::optional<milliseconds> life = hours(1);

    void fail_with(std::optional<Error> e) {
      std::lock_guard lock(mutex);
      error = std::move(e);
    }
  };

  FakeSource(std::string name, State& state, const Clock& clock)
      : name_(std::move(name)), state_(state), clock_(clock) {}
  std::string name() const override { return name_; }
  Result<AwsCredentials> fetch(Deadline deadline) const override {
    const int number = ++state_.calls;
    ++state_.inside;
    while (state_.held && !has_passed(deadline)) std::this_thread::sleep_for(milliseconds(1));
    --state_.inside;
    if (state_.held) return timeout_error("held");
    std::lock_guard lock(state_.mutex);
    if (state_.throws) throw std::bad_alloc();
    if (state_.error) return *state_.error;
    std::optional<Timestamp> expires_at;
    if (state_.life) expires_at = clock_.now() + *state_.life;
    return checked_credentials({"AK" + std::to_string(number), "secret", "token"}, expires_at);
  }

 private:
  std::string name_;
  State& state_;
  const Clock& clock_;
};

class CredentialsChainTest : public ::testing::Test {
 protected:
  CredentialsChainTest() : chain_(sources(), clock_) {}

  CredentialSources sources() {
    CredentialSources out;
    out.push_back(std::make_unique<FakeSource>("the first", first_, clock_));
    out.push_back(std::make_unique<FakeSource>("the second", second_, clock_));
    return out;
  }

  std::string id(Deadline deadline = soon()) {
    auto got = chain_.get(deadline);
    return got.ok() ? got->keys.access_key_id : "error: " + got.error().detail;
  }

  static void wait_until(const std::function<bool()>& condition) {
    const auto deadline = soon();
    while (!condition() && !has_passed(deadline)) std::this_thread::sleep_for(milliseconds(1));
    ASSERT_TRUE(condition());
  }

  SteppedClock clock_;
  FakeSource::State first_;
  FakeSource::State second_;
  CredentialsChain chain_;
};

TEST_F(CredentialsChainTest, TheFirstThatIsSetUpWins) {
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(second_.calls, 0);
}

TEST_F(CredentialsChainTest, OneThatIsNotSetUpIsPassedOver) {
  first_.fail_with(not_found_error("it is off"));
  second_.life.reset();
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(first_.calls, 1);
  EXPECT_EQ(second_.calls, 1);
}

TEST_F(CredentialsChainTest, OneThatIsSetUpAndFailsHidesThoseBehindIt) {
  first_.fail_with(source_failed("it is broken"));
  const auto got = chain_.get(soon());
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(ErrorKind::unavailable));
  EXPECT_EQ(got.error().detail,
            "There are no AWS credentials: the first gave none because it is broken.");
  EXPECT_EQ(second_.calls, 0);
}

TEST_F(CredentialsChainTest, TheErrorNamesAllThatWereAsked) {
  first_.fail_with(not_found_error("it is off"));
  second_.fail_with(unavailable_error("nobody is there"));
  EXPECT_EQ(
      id(),
      "error: There are no AWS credentials: the first gave none because it is off; the second "
      "gave none because nobody is there.");
}

TEST_F(CredentialsChainTest, KeysThatHaveExpiredAlreadyAreNone) {
  first_.life = -seconds(1);
  EXPECT_EQ(id(),
            "error: There are no AWS credentials: the first gave none because those that it has "
            "expired at 2026-11-22T07:59:59.000Z.");
}

TEST_F(CredentialsChainTest, KeysWithoutAnEndAreKept) {
  first_.life.reset();
  EXPECT_EQ(id(), "AK1");
  clock_.advance(hours(10'000));
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(first_.calls, 1);
}

TEST_F(CredentialsChainTest, AreRenewedAQuarterOfAnHourAhead) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(45) - milliseconds(1));
  EXPECT_EQ(id(), "AK1");
  clock_.advance(milliseconds(1));
  EXPECT_EQ(id(), "AK2");
  EXPECT_EQ(id(), "AK2");
}

TEST_F(CredentialsChainTest, ShortLivesAreNotRenewedAtEachCall) {
  first_.life = minutes(12);
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(6) - milliseconds(1));
  EXPECT_EQ(id(), "AK1");
  clock_.advance(milliseconds(1));
  EXPECT_EQ(id(), "AK2");
}

TEST_F(CredentialsChainTest, ARenewalThatFailsLeavesTheOldOnes) {
  EXPECT_EQ(id(), "AK1");
  first_.fail_with(unavailable_error("an outage"));
  clock_.advance(minutes(46));
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(first_.calls, 2) << "an outage must not cost every caller a time-out";
  clock_.advance(seconds(15));
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(first_.calls, 3);
  clock_.advance(minutes(13));  // within the last ten minutes
  EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(first_.calls, 4);
  clock_.advance(seconds(45));  // expired to the millisecond
  EXPECT_EQ(id(), "error: There are no AWS credentials: the first gave none because an outage.");
  first_.fail_with(std::nullopt);
  clock_.advance(seconds(1));
  EXPECT_EQ(id(), "AK6");
}

TEST_F(CredentialsChainTest, ExpiredOnesInTheAnswerLeaveTheOldOnes) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(46));
  first_.life = -hours(1);
  EXPECT_EQ(id(), "AK1");
}

TEST_F(CredentialsChainTest, AnErrorHoldsForASecond) {
  first_.fail_with(source_failed("it is broken"));
  id();
  first_.fail_with(std::nullopt);
  EXPECT_NE(id(), "AK2");
  EXPECT_EQ(first_.calls, 1);
  clock_.advance(seconds(1));
  EXPECT_EQ(id(), "AK2");
}

TEST_F(CredentialsChainTest, AClockThatIsSetBackEndsAPause) {
  first_.fail_with(source_failed("it is broken"));
  id();
  first_.fail_with(std::nullopt);
  clock_.advance(-hours(5));
  EXPECT_EQ(id(), "AK2");
}

TEST_F(CredentialsChainTest, EightCallersWithoutKeysMakeOneFetch) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(hours(2));
  first_.held = true;
  std::vector<std::thread> threads;
  std::atomic<int> fresh{0};
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { fresh += id() == "AK2"; });
  wait_until([&] { return first_.inside == 1; });
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(fresh, 0);
  first_.held = false;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fresh, 8);
  EXPECT_EQ(first_.calls, 2);
}

TEST_F(CredentialsChainTest, EightCallersShareOneFailure) {
  first_.fail_with(unavailable_error("an outage"));
  first_.held = true;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { failed += id().find("an outage") != std::string::npos; });
  wait_until([&] { return first_.inside == 1; });
  first_.held = false;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 8);
  EXPECT_EQ(first_.calls, 1);
}

TEST_F(CredentialsChainTest, OthersUseTheOldOnesWhileOneRenewsEarly) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(50) - milliseconds(1));
  first_.held = true;
  std::string renewed;
  std::thread renewer([&] { renewed = id(); });
  wait_until([&] { return first_.inside == 1; });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(id(), "AK1");
  EXPECT_EQ(first_.calls, 2);
  first_.held = false;
  renewer.join();
  EXPECT_EQ(renewed, "AK2");
}

TEST_F(CredentialsChainTest, OthersWaitForTheNewOnesInTheLastTenMinutes) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(50));
  first_.held = true;
  std::string one;
  std::string other;
  std::thread a([&] { one = id(); });
  wait_until([&] { return first_.inside == 1; });
  std::thread b([&] { other = id(); });
  std::this_thread::sleep_for(milliseconds(30));
  first_.held = false;
  a.join();
  b.join();
  EXPECT_EQ(one, "AK2");
  EXPECT_EQ(other, "AK2");
  EXPECT_EQ(first_.calls, 2);
}

TEST_F(CredentialsChainTest, NobodyWithGoodKeysSpendsTheWholeDeadlineOnNewOnes) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(51));
  first_.held = true;
  const auto deadline = deadline_in(milliseconds(400));
  std::string other;
  std::thread b([&] {
    wait_until([&] { return first_.inside == 1; });
    other = id(deadline);
  });
  EXPECT_EQ(id(deadline), "AK1");
  b.join();
  EXPECT_EQ(other, "AK1");
  EXPECT_FALSE(has_passed(deadline));
}

TEST_F(CredentialsChainTest, ADeadlineEndsTheWait) {
  first_.held = true;
  std::thread patient([&] { EXPECT_EQ(id(), "AK1"); });
  wait_until([&] { return first_.inside == 1; });
  const auto got = chain_.get(deadline_in(milliseconds(20)));
  first_.held = false;
  patient.join();
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(ErrorKind::timeout)) << got.error().detail;
}

TEST_F(CredentialsChainTest, WhoWaitedTriesInTurnAfterAnImpatientOne) {
  first_.held = true;
  std::thread impatient([&] {
    const auto got = chain_.get(deadline_in(milliseconds(60)));
    ASSERT_FALSE(got.ok());
    EXPECT_TRUE(got.error().is(ErrorKind::timeout)) << got.error().detail;
  });
  wait_until([&] { return first_.inside == 1; });
  std::thread patient([&] { EXPECT_EQ(id(), "AK2"); });
  impatient.join();
  wait_until([&] { return first_.calls == 2; });
  first_.held = false;
  patient.join();
}

TEST_F(CredentialsChainTest, ALackOfMemoryLeavesNobodyWaiting) {
  first_.throws = true;
  EXPECT_EQ(id(), "error: AWS credentials cannot be fetched: std::bad_alloc");
  first_.throws = false;
  clock_.advance(seconds(1));
  EXPECT_EQ(id(), "AK2");
}

TEST_F(CredentialsChainTest, ForgottenOnesAreFetchedAnew) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(1));
  chain_.forget();
  EXPECT_EQ(id(), "AK2");
  EXPECT_EQ(id(), "AK2");
}

TEST_F(CredentialsChainTest, ForgottenOnesAreBetterThanNone) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(1));
  chain_.forget();
  first_.fail_with(unavailable_error("an outage"));
  EXPECT_EQ(id(), "AK1");
  first_.fail_with(std::nullopt);
  clock_.advance(seconds(15));
  EXPECT_EQ(id(), "AK3");
}

TEST_F(CredentialsChainTest, ManyWhoForgetTheSameKeysMakeOneFetch) {
  EXPECT_EQ(id(), "AK1");
  clock_.advance(minutes(1));
  for (int i = 0; i < 8; ++i) {
    chain_.forget();
    EXPECT_EQ(id(), "AK2");
  }
}

}  // namespace
}  // namespace tintype
