// What a worker can still do once its filter is on: nothing but think.
#include "support/pictures.h"
#include "support/sample_images.h"
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
  EXPECT_EQ(attempt(Misbehaviour::count_descriptors), "4");  // the usual three and the socket
  std::string environment = attempt(Misbehaviour::list_environment);
  unsetenv("TINTYPE_TEST_SECRET");
  EXPECT_EQ(environment.find("TINTYPE"), std::string::npos);
  EXPECT_EQ(environment.find("PATH="), std::string::npos);
}

// Reports of sanitizers are read there.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(SandboxTest, does_not_write_the_servers_log) {
  EXPECT_EQ(attempt(Misbehaviour::write_to_log), "denied");
}
#endif

// A decoder of a format that is not accepted is code that nobody has to reach.
TEST_F(SandboxTest, has_no_loaders_but_those_of_the_accepted_types) {
  EXPECT_EQ(attempt(Misbehaviour::list_loaders),
            "VipsForeignLoadHeifBuffer VipsForeignLoadJpegBuffer VipsForeignLoadNsgifBuffer "
            "VipsForeignLoadPngBuffer VipsForeignLoadWebpBuffer ");
}

Job load(std::string file) {
  Job job = misbehave(Misbehaviour::load_picture);
  job.payload = std::move(file);
  return job;
}

std::string tiff() {
  VipsImage* black = nullptr;
  EXPECT_EQ(vips_black(&black, 8, 8, nullptr), 0);
  return pictures::written(pictures::Picture(black, g_object_unref), ".tif");
}

TEST_F(SandboxTest, loads_no_other_file) {
  auto attempt = [&](std::string file) {
    return pool_->run(load(std::move(file)), {}, deadline_in(seconds(30))).value();
  };
  EXPECT_EQ(attempt(samples::png()), "allowed");
  EXPECT_EQ(attempt(tiff()), "denied");
  EXPECT_EQ(attempt("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"), "denied");
  EXPECT_EQ(attempt("%PDF-1.4\ntrailer<</Root 1 0 R>>"), "denied");
  EXPECT_EQ(attempt("P6 1 1 255\nabc"), "denied");
  EXPECT_EQ(attempt("1 1\n7\n"), "denied");  // a matrix
}

// Whether a process may be traced cannot be asked behind the filter, which is installed later.
TEST(Unconfined, is_not_for_other_processes_to_read) {
  auto options = test_options();
  options.sandbox = SandboxPolicy::off;
  auto traced =
      make_pool(options)->run(misbehave(Misbehaviour::be_traced), {}, deadline_in(seconds(30)));
  EXPECT_EQ(traced.value(), "denied");
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
