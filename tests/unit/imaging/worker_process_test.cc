// One worker process: how it ends, and when its number may be another's.
#include "imaging/worker_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "unit/imaging/worker/misbehaviour.h"

namespace tintype {
namespace {

std::unique_ptr<WorkerProcess> start_worker() {
  auto worker = WorkerProcess::start({TINTYPE_TEST_WORKER, {"imaging-worker", "--sandbox=auto"}},
                                     deadline_in(seconds(30)));
  EXPECT_TRUE(worker.ok()) << worker.error().detail;
  return worker.ok() ? std::move(*worker) : nullptr;
}

Exchange::End end_of(WorkerProcess& worker, Misbehaviour what) {
  return worker.exchange(misbehave(what), {}, deadline_in(milliseconds(500))).end;
}

bool exists(pid_t pid) { return kill(pid, 0) == 0; }

TEST(WorkerProcess, says_which_signal_ended_it) {
  auto crashing = start_worker();
  EXPECT_EQ(end_of(*crashing, Misbehaviour::crash), Exchange::End::crashed);
  EXPECT_EQ(crashing->kill_and_wait(), SIGSEGV);
  auto hanging = start_worker();
  EXPECT_EQ(end_of(*hanging, Misbehaviour::hang), Exchange::End::timed_out);
  EXPECT_EQ(hanging->kill_and_wait(), SIGKILL);
}

// Otherwise the roster could take a new worker for the one that it is about to forget.
TEST(WorkerProcess, keeps_its_number_for_as_long_as_anyone_may_ask_for_it) {
  for (auto what : {Misbehaviour::crash, Misbehaviour::hang}) {
    auto worker = start_worker();
    const pid_t pid = worker->pid();
    EXPECT_NE(end_of(*worker, what), Exchange::End::answered);
    worker->kill_and_wait();
    EXPECT_TRUE(exists(pid));
    worker.reset();
    EXPECT_FALSE(exists(pid)) << "alive or a zombie";
  }
}

}  // namespace
}  // namespace tintype
