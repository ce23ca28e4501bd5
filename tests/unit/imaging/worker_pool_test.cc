// The pool's behaviour when workers crash, hang, die, or are few.
#include "imaging/worker_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "support/sample_images.h"
#include "unit/imaging/pool_fixture.h"
#include "unit/imaging/worker/misbehaviour.h"

namespace tintype {
namespace {

Result<std::string> run(WorkerPool& pool, Misbehaviour what,
                        Deadline deadline = deadline_in(seconds(60))) {
  return pool.run(misbehave(what), {}, deadline);
}

std::string code_of(const Result<std::string>& result) {
  return result.ok() ? "ok" : result.error().code;
}

bool exists(pid_t pid) { return kill(pid, 0) == 0; }

TEST(WorkerPool, replaces_a_worker_that_crashes) {
  auto pool = make_pool();
  for (auto what : {Misbehaviour::crash, Misbehaviour::abort_process}) {
    auto result = run(*pool, what);
    EXPECT_EQ(code_of(result), "corrupt_image");
    EXPECT_NE(result.error().detail.find("crashed"), std::string::npos) << result.error().detail;
    EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  }
  EXPECT_EQ(pool->stats().crashed, 2u);
}

TEST(WorkerPool, a_lazy_pool_starts_its_first_worker_for_the_first_job) {
  auto options = test_options();
  options.lazy = true;
  auto pool = make_pool(options);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(pool->stats().started, 0u);
  EXPECT_TRUE(pool->check().ok());
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(pool->stats().started, 1u);
}

TEST(WorkerPool, a_lazy_pool_finds_out_late_that_workers_do_not_start) {
  auto options = test_options();
  options.lazy = true;
  options.program = "/nonexistent";
  auto pool = make_pool(options);
  auto result = inspect_bytes(*pool, samples::png(), {}, deadline_in(seconds(5)));
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().is(ErrorKind::unavailable));
  EXPECT_FALSE(pool->check().ok());
}

TEST(WorkerPool, a_file_that_takes_all_of_a_jobs_time_is_at_fault) {
  auto options = test_options();
  options.job_timeout = milliseconds(300);
  auto pool = make_pool(options);
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of(run(*pool, Misbehaviour::hang)), "processing_timeout");
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(pool->stats().timed_out, 1u);
}

TEST(WorkerPool, a_file_whose_caller_had_less_time_is_not_at_fault) {
  auto pool = make_pool();
  auto start = std::chrono::steady_clock::now();
  auto result = run(*pool, Misbehaviour::hang, deadline_in(milliseconds(300)));
  EXPECT_EQ(code_of(result), "deadline_exceeded");
  EXPECT_TRUE(result.error().is(ErrorKind::timeout));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(pool->stats().timed_out, 1u);
}

// The deadline leaves time for one whole job, and the first takes it.
TEST(WorkerPool, time_spent_waiting_is_not_the_files) {
  auto options = test_options();
  options.workers = 1;
  options.job_timeout = milliseconds(1000);
  auto pool = make_pool(options);
  std::jthread first(
      [&] { EXPECT_EQ(code_of(run(*pool, Misbehaviour::hang)), "processing_timeout"); });
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(code_of(run(*pool, Misbehaviour::hang, deadline_in(milliseconds(1500)))),
            "deadline_exceeded");
  EXPECT_EQ(pool->stats().timed_out, 2u);
}

TEST(WorkerPool, bounds_the_cpu_time_of_each_job) {
  auto options = test_options();
  options.cpu_seconds = 1;
  auto pool = make_pool(options);
  auto result = run(*pool, Misbehaviour::spin);
  EXPECT_EQ(code_of(result), "processing_timeout");
  EXPECT_NE(result.error().detail.find("CPU"), std::string::npos);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(WorkerPool, bounds_the_memory_of_a_worker) {
  auto options = test_options();
  options.worker_memory = 400ull << 20;
  options.recycle_above = 100ull << 20;
  auto pool = make_pool(options);
  auto megabytes = run(*pool, Misbehaviour::allocate);
  ASSERT_TRUE(megabytes.ok());
  EXPECT_LT(std::stoi(*megabytes), 400);
  EXPECT_GT(std::stoi(*megabytes), 100);
}
#endif

TEST(WorkerPool, tells_of_workers_that_are_lost) {
  auto options = test_options();
  std::vector<WorkerLoss> losses;
  options.on_loss = [&](const WorkerLoss& loss) { losses.push_back(loss); };
  options.job_timeout = milliseconds(300);
  auto pool = make_pool(options);
  (void)run(*pool, Misbehaviour::crash);
  (void)run(*pool, Misbehaviour::hang);
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_NE(losses[0].signal, 0);
  EXPECT_FALSE(losses[0].timed_out);
  EXPECT_TRUE(losses[1].timed_out);
}

TEST(WorkerPool, does_not_believe_nonsense) {
  auto pool = make_pool();
  EXPECT_EQ(code_of(run(*pool, Misbehaviour::send_nonsense)), "corrupt_image");
  EXPECT_EQ(code_of(run(*pool, Misbehaviour::send_wrong_id)), "corrupt_image");
  EXPECT_EQ(code_of(run(*pool, Misbehaviour::close_socket)), "corrupt_image");
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
}

TEST(WorkerPool, a_worker_killed_while_idle_costs_nothing) {
  auto options = test_options();
  options.eager = true;
  auto pool = make_pool(options);
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  for (int pid : pool->stats().pids) kill(pid, SIGKILL);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::jpeg())), "ok");
}

std::string words_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(WorkerPool, workers_are_the_first_to_go_when_memory_is_short) {
  auto pool = make_pool();
  const auto pids = pool->stats().pids;
  ASSERT_EQ(pids.size(), 1u);
  EXPECT_EQ(words_of("/proc/" + std::to_string(pids[0]) + "/oom_score_adj"), "1000\n");
}

// The next worker's, when `last` was the one before.
int next_pid(WorkerPool& pool, int last) {
  for (int i = 0; i < 500; ++i) {
    for (int pid : pool.stats().pids)
      if (pid != last) return pid;
    std::this_thread::sleep_for(milliseconds(10));
  }
  ADD_FAILURE() << "no new worker";
  return 0;
}

// Kills the only worker while it has a job, so many times.
void kill_at_work(WorkerPool& pool, int times) {
  for (int pid = 0; times > 0; --times) {
    pid = next_pid(pool, pid);
    std::this_thread::sleep_for(milliseconds(200));
    ASSERT_EQ(kill(pid, SIGKILL), 0);
  }
}

TEST(WorkerPool, a_job_that_lost_its_worker_twice_is_given_up_but_not_the_file) {
  auto options = test_options();
  options.workers = 1;
  auto pool = make_pool(options);
  std::jthread killer([&] { kill_at_work(*pool, 2); });
  auto result = run(*pool, Misbehaviour::hang);
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().is(ErrorKind::unavailable)) << result.error().code;
  EXPECT_EQ(result.error().detail, "the imaging workers are killed by the system or its operator");
  EXPECT_EQ(pool->stats().crashed, 2u);
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
}

TEST(WorkerPool, two_workers_serve_eight_threads) {
  auto pool = make_pool();
  const std::string files[] = {samples::jpeg(300, 200), samples::png(300, 200),
                               samples::truncated(samples::jpeg(300, 200)), samples::text()};
  const std::string expected[] = {"ok", "ok", "corrupt_image", "not_an_image"};
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 40; ++i) {
          int kind = (i + t) % 4;
          if (t == 0 && i % 10 == 9) (void)run(*pool, Misbehaviour::crash);
          if (outcome(inspect_bytes(*pool, files[kind])) != expected[kind]) ++wrong;
        }
      });
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(pool->stats().pids.size(), 2u);
  EXPECT_EQ(pool->stats().crashed, 4u);
}

TEST(WorkerPool, a_call_waits_for_a_worker_until_its_deadline) {
  auto options = test_options();
  options.workers = 1;
  options.job_timeout = milliseconds(1500);
  auto pool = make_pool(options);
  std::jthread busy([&] { (void)run(*pool, Misbehaviour::hang); });
  std::this_thread::sleep_for(milliseconds(200));
  auto result = inspect_bytes(*pool, samples::png(), {}, deadline_in(milliseconds(100)));
  EXPECT_EQ(outcome(result), "unavailable");
  EXPECT_TRUE(result.error().is(ErrorKind::unavailable));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
}

// Six hundred bytes of PNG that say they are a picture of 10,000 by 10,000.
std::string large_png() {
  return samples::png().replace(16, 8, std::string("\0\0\x27\x10\0\0\x27\x10", 8));
}

TEST(WorkerPool, an_upload_waits_for_the_memory_that_its_header_asks_for) {
  auto options = test_options();
  options.memory_budget = 450ull << 20;
  auto pool = make_pool(options);
  std::jthread busy([&] {
    (void)pool->run(misbehave(Misbehaviour::hang), {}, deadline_in(seconds(2)), 300ull << 20);
  });
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(outcome(inspect_bytes(*pool, large_png(), {}, deadline_in(milliseconds(300)))),
            "unavailable");
  busy.join();
  EXPECT_EQ(outcome(inspect_bytes(*pool, large_png())), "corrupt_image");
}

TEST(WorkerPool, a_deadline_in_the_past_costs_no_worker) {
  auto pool = make_pool();
  auto result = inspect_bytes(*pool, samples::png(), {}, deadline_in(milliseconds(-1)));
  EXPECT_EQ(outcome(result), "unavailable");
  EXPECT_EQ(pool->stats().timed_out, 0u);
}

TEST(WorkerPool, refuses_jobs_that_fit_no_message) {
  auto pool = make_pool();
  Job job = misbehave(Misbehaviour::run_thread);
  job.payload = std::string(kMaxPacket, 'x');
  EXPECT_TRUE(pool->run(job, {}, deadline_in(seconds(5))).error().is(ErrorKind::internal));
  EXPECT_EQ(pool->stats().crashed, 0u);
}

TEST(WorkerPool, a_worker_outlives_the_thread_that_first_used_it) {
  auto pool = make_pool();
  std::thread([&] { EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok"); }).join();
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(pool->stats().started, 1u);
}

TEST(WorkerPool, recycles_workers_after_their_share_of_jobs) {
  auto options = test_options();
  options.workers = 1;
  options.jobs_per_worker = 3;
  auto pool = make_pool(options);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(pool->stats().recycled, 3u);
  EXPECT_EQ(pool->stats().crashed, 0u);
}

TEST(WorkerPool, recycles_workers_that_have_grown) {
  auto options = test_options();
  options.recycle_above = 1;
  auto pool = make_pool(options);
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  EXPECT_EQ(pool->stats().recycled, 1u);
}

TEST(WorkerPool, leaves_no_process_behind) {
  std::vector<int> pids;
  {
    auto options = test_options();
    options.workers = 3;
    options.eager = true;
    auto pool = make_pool(options);
    for (int i = 0; i < 200 && pool->stats().pids.size() < 3; ++i)
      std::this_thread::sleep_for(milliseconds(20));
    pids = pool->stats().pids;
    EXPECT_EQ(pids.size(), 3u);
    for (int pid : pids) EXPECT_TRUE(exists(pid));
  }
  for (int pid : pids) EXPECT_FALSE(exists(pid)) << "alive or a zombie";
}

TEST(WorkerPool, a_program_that_does_not_start_is_reported_and_not_tried_without_end) {
  auto options = test_options();
  options.program = "/nonexistent/worker";
  auto missing = WorkerPool::create(options);
  ASSERT_FALSE(missing.ok());
  EXPECT_TRUE(missing.error().is(ErrorKind::unavailable));
  options.program = "/bin/true";
  EXPECT_FALSE(WorkerPool::create(options).ok());
}

// Makes a link to the test worker whose name asks for trouble.
class TroubledWorker {
 public:
  explicit TroubledWorker(const std::string& trouble)
      : path_(testing::TempDir() + "tintype-" + std::to_string(getpid()) + trouble) {
    unlink(path_.c_str());
    EXPECT_EQ(symlink(TINTYPE_TEST_WORKER, path_.c_str()), 0);
  }
  ~TroubledWorker() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }
  void repair() { unlink(path_.c_str()), (void)!symlink(TINTYPE_TEST_WORKER, path_.c_str()); }
  void remove() { unlink(path_.c_str()); }

 private:
  std::string path_;
};

TEST(WorkerPool, is_unavailable_while_workers_do_not_start_and_recovers) {
  TroubledWorker worker("-vanishing");
  auto options = test_options();
  options.program = worker.path();
  auto pool = make_pool(options);
  EXPECT_TRUE(pool->check().ok());
  worker.remove();
  (void)run(*pool, Misbehaviour::crash);
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5)) << "does not wait in vain";
  EXPECT_FALSE(pool->check().ok());
  worker.repair();
  std::string result;
  for (int i = 0; i < 100 && result != "ok"; ++i) {
    result = outcome(inspect_bytes(*pool, samples::png()));
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_EQ(result, "ok");
  EXPECT_TRUE(pool->check().ok());
}

TEST(WorkerPool, says_when_the_kernel_refuses_the_sandbox) {
  TroubledWorker worker("-refusing");
  auto options = test_options();
  options.program = worker.path();
  auto pool = make_pool(options);
  EXPECT_EQ(pool->sandbox_status(), SandboxStatus::refused);
  EXPECT_NE(pool->sandbox_reason().find("seccomp"), std::string::npos);
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
  options.sandbox = SandboxPolicy::required;
  auto refused = WorkerPool::create(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("sandbox is required"), std::string::npos);
}

// Random damage to valid files: whatever happens to a job, the next one is served.
TEST(WorkerPool, random_damage_never_disturbs_it) {
  auto pool = make_pool();
  const std::string files[] = {samples::jpeg(),
                               samples::progressive_jpeg(),
                               samples::cmyk_jpeg(32, 32),
                               samples::png(),
                               samples::png_with_alpha(),
                               samples::webp(),
                               samples::lossless_webp(),
                               samples::animated_webp(3),
                               samples::animated_gif(3),
                               samples::avif(),
                               samples::heic(),
                               samples::p3_png()};
  std::uint64_t state = 20260501;
  auto random = [&] { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; };
  std::map<std::string, int> outcomes;
  for (int i = 0; i < 600; ++i) {
    std::string file = files[i % std::size(files)];
    for (std::uint64_t n = 1 + random() % 8; n > 0; --n)
      file[random() % file.size()] = static_cast<char>(random());
    if (random() % 8 == 0) file.resize(random() % file.size());
    auto facts = inspect_bytes(*pool, file, {}, deadline_in(seconds(20)));
    ASSERT_TRUE(facts.ok() || facts.error().is(ErrorKind::unprocessable))
        << i << ": " << facts.error().code << " " << facts.error().detail;
    ++outcomes[outcome(facts)];
  }
  for (auto& [name, count] : outcomes) std::printf("%4d %s\n", count, name.c_str());
  std::printf("%4d crashes\n", static_cast<int>(pool->stats().crashed));
  EXPECT_EQ(outcome(inspect_bytes(*pool, samples::png())), "ok");
}

}  // namespace
}  // namespace tintype
