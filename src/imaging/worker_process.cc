#include "imaging/worker_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <thread>

#include "imaging/packet.h"

namespace tintype {
namespace {

// Long enough for a process that is ending anyway, short enough for a caller.
constexpr milliseconds kPatience{500};

class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, socket, kWorkerSocket);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;

  int spawn(pid_t& pid, const WorkerCommand& command) const {
    std::vector<char*> argv{const_cast<char*>(command.program.c_str())};
    for (const auto& argument : command.arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    char* environment[] = {nullptr};
    return posix_spawn(&pid, command.program.c_str(), &actions_, &attributes_, argv.data(),
                       environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const WorkerCommand& command,
                                                            Deadline deadline) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return unavailable_error("an imaging worker could not be started: no socket");
  UniqueFd ours(pair[0]);
  UniqueFd theirs(pair[1]);
  pid_t pid = -1;
  if (int error = SpawnSettings(theirs.get()).spawn(pid, command); error != 0)
    return unavailable_error("an imaging worker could not be started: error " +
                             std::to_string(error));
  theirs.reset();
  std::unique_ptr<WorkerProcess> worker(new WorkerProcess(pid, std::move(ours)));
  auto packet = receive_packet_until(worker->socket_.get(), deadline);
  auto hello = packet ? decode_hello(packet->bytes) : Result<Hello>(packet.error());
  if (!hello) {
    worker->kill_and_wait();
    return unavailable_error("an imaging worker ended or hung while it started");
  }
  worker->hello_ = *hello;
  return worker;
}

WorkerProcess::~WorkerProcess() {
  socket_.reset();
  if (!wait_for_end(kPatience)) kill_and_wait();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

Exchange WorkerProcess::exchange(const Job& job, std::span<const int> fds, Deadline deadline) {
  if (!send_packet(socket_.get(), encode_job(job), fds)) return {Exchange::End::not_taken};
  ++jobs_;
  auto packet = receive_packet_until(socket_.get(), deadline);
  if (!packet && packet.error().is(ErrorKind::timeout)) return {Exchange::End::timed_out};
  if (!packet || packet->bytes.empty()) {
    wait_for_end(kPatience);  // for the reason of its death
    return {end_signal_ == SIGKILL ? Exchange::End::killed : Exchange::End::crashed};
  }
  auto answer = decode_answer(packet->bytes);
  if (!answer || answer->id != job.id) return {Exchange::End::crashed};
  return {Exchange::End::answered, std::move(answer->result)};
}

int WorkerProcess::kill_and_wait() {
  if (!ended_) kill(pid_, SIGKILL);
  while (!look_for_end(0)) continue;
  return end_signal_;
}

bool WorkerProcess::wait_for_end(milliseconds patience) {
  Deadline deadline = deadline_in(patience);
  while (!look_for_end(WNOHANG) && !has_passed(deadline))
    std::this_thread::sleep_for(milliseconds(1));
  return ended_;
}

// WNOWAIT leaves the process to be waited for, and so its number taken, until the destructor.
bool WorkerProcess::look_for_end(int options) {
  if (ended_) return true;
  siginfo_t info{};
  int result = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | options);
  // An error means that someone else has waited for it: then there is nothing left to end.
  ended_ = result == 0 ? info.si_pid == pid_ : errno != EINTR;
  if (result == 0 && ended_ && info.si_code != CLD_EXITED) end_signal_ = info.si_status;
  return ended_;
}

std::uint64_t WorkerProcess::resident_bytes() const {
  std::string path = "/proc/" + std::to_string(pid_) + "/statm";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  unsigned long long total = 0;
  unsigned long long resident = 0;
  if (!file || std::fscanf(file.get(), "%llu %llu", &total, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace tintype
