// What a worker can still do once its filter is on: nothing but think.
#include "unit/imaging/pool_fixture.h"
#include "unit/imaging/worker/misbehaviour.h"

namespace tintype {
namespace {

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    pool_ = make_pool();
    if (pool_->sandbox_status() == SandboxStatus::refused) {
      // On the build server a sandbox that was not tested is a failure.
      if (std::getenv("CI")) FAIL() << pool_->sandbox_reason();
      std::printf("*** SKIPPED: %s ***\n", pool_->sandbox_reason().c_str());
      GTEST_SKIP();
    }
    ASSERT_EQ(pool_->sandbox_status(), SandboxStatus::active);
  }
  std::string attempt(Misbehaviour what) {
    auto result = pool_->run(misbehave(what), {}, deadline_in(seconds(30)));
    return result.ok() ? *result : "ended: " + result.error().detail;
  }
  std::unique_ptr<WorkerPool> pool_;
};

constexpr const char* kKilled =
    "ended: The decoder crashed on the file or ran out of memory (signal 31).";  // SIGSYS

TEST_F(SandboxTest, opens_and_looks_up_no_file) {
  EXPECT_EQ(attempt(Misbehaviour::open_file), "denied");
  EXPECT_EQ(attempt(Misbehaviour::stat_file), "denied");
}

TEST_F(SandboxTest, connects_no_socket) {
  EXPECT_EQ(attempt(Misbehaviour::connect_socket), "denied");
}

TEST_F(SandboxTest, makes_no_executable_memory) {
  EXPECT_EQ(attempt(Misbehaviour::write_executable_memory), "denied");
}

TEST_F(SandboxTest, starts_threads_but_no_process) {
  EXPECT_EQ(attempt(Misbehaviour::run_thread), "allowed");
  EXPECT_EQ(attempt(Misbehaviour::fork_process), kKilled);
}

TEST_F(SandboxTest, executes_nothing) {
  EXPECT_EQ(attempt(Misbehaviour::execute_program), kKilled);
}

// SIGKILL tells the pool that it was not the file's fault.
TEST_F(SandboxTest, cannot_end_as_if_somebody_had_killed_it) {
  EXPECT_EQ(attempt(Misbehaviour::kill_itself), kKilled);
}

TEST_F(SandboxTest, traces_nobody) { EXPECT_EQ(attempt(Misbehaviour::trace_parent), kKilled); }

TEST_F(SandboxTest, inherits_no_descriptor_and_no_environment) {
  UniqueFd not_for_workers(dup(1));  // without CLOEXEC
  setenv("TINTYPE_TEST_SECRET", "hunter2", 1);
  pool_ = make_pool();
  EXPECT_EQ(attempt(Misbehaviour::count_descriptors), "0");
  std::string environment = attempt(Misbehaviour::list_environment);
  unsetenv("TINTYPE_TEST_SECRET");
  EXPECT_EQ(environment.find("TINTYPE"), std::string::npos);
  EXPECT_EQ(environment.find("PATH="), std::string::npos);
}

// The same attempts succeed without the filter: the tests above could fail.
TEST(Unconfined, can_do_all_of_that) {
  auto options = test_options();
  options.sandbox = SandboxPolicy::off;
  auto pool = make_pool(options);
  EXPECT_EQ(pool->sandbox_status(), SandboxStatus::off);
  for (auto what : {Misbehaviour::open_file, Misbehaviour::stat_file, Misbehaviour::connect_socket,
                    Misbehaviour::write_executable_memory, Misbehaviour::run_thread,
                    Misbehaviour::fork_process}) {
    auto result = pool->run(misbehave(what), {}, deadline_in(seconds(30)));
    ASSERT_TRUE(result.ok()) << result.error().detail;
    EXPECT_EQ(*result, "allowed") << static_cast<int>(what) - 0x8000;
  }
}

}  // namespace
}  // namespace tintype
