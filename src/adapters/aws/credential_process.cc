#include "adapters/aws/credential_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "adapters/aws/command_words.h"
#include "adapters/aws/credential_json.h"
#include "base/unique_fd.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxOutput = 64 * 1024;
constexpr seconds kLongest{30};
constexpr milliseconds kTick{2};

// Its own process group, so that its children can be ended with it; signals as a fresh process has
// them, whatever this one ignores.
class ChildSettings {
 public:
  explicit ChildSettings(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~ChildSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  ChildSettings(const ChildSettings&) = delete;

  int spawn(pid_t& pid, const std::vector<std::string>& words) const {
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    return posix_spawnp(&pid, argv.front(), &actions_, &attributes_, argv.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A child that is killed, with its group, and waited for when this goes.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    // Not waited for yet, so the number is still its own.
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  Child(const Child&) = delete;

  // Its exit status (128 and more: the signal that ended it); nothing while it runs.
  std::optional<int> status() const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG);
    if (info.si_pid != pid_) return std::nullopt;
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  }

  std::optional<int> wait_for_end(Deadline deadline) const {
    while (!status() && !has_passed(deadline)) std::this_thread::sleep_for(kTick);
    return status();
  }

 private:
  pid_t pid_;
};

Error too_slow() { return timeout_error("the credential_process did not end in time"); }

// Appends what there is to read. True at the end of all output.
Result<bool> read_some(int fd, std::string& out) {
  char piece[4096];
  while (true) {
    const auto got = ::read(fd, piece, sizeof piece);
    if (got == 0) return true;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got < 0) return source_failed("the credential_process cannot be read from");
    out.append(piece, static_cast<std::size_t>(got));
    if (out.size() > kMaxOutput) return source_failed("the credential_process printed too much");
  }
}

// Until the child has ended, or everyone has closed the other end: a program may leave another
// behind that keeps it open.
Result<std::string> read_output(int fd, const Child& child, Deadline deadline) {
  std::string out;
  while (!has_passed(deadline)) {
    const bool ended = child.status().has_value();
    const bool closed = TRY(read_some(fd, out));
    if (ended || closed) return out;
    pollfd wanted{fd, POLLIN, 0};
    ::poll(&wanted, 1, static_cast<int>(kTick.count()));
  }
  return too_slow();
}

Result<std::string> output_of(const std::vector<std::string>& words, Deadline deadline) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return source_failed("no pipe can be made to its program");
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  pid_t pid = -1;
  if (const int error = ChildSettings(theirs.get()).spawn(pid, words); error != 0)
    return source_failed("the credential_process cannot be started: " +
                         std::string(std::strerror(error)));
  const Child child(pid);
  theirs.reset();
  auto output = TRY(read_output(ours.get(), child, deadline));
  const auto status = child.wait_for_end(deadline);
  if (!status) return too_slow();
  if (*status >= 128)
    return source_failed("the credential_process was ended by signal " +
                         std::to_string(*status - 128));
  if (*status != 0)
    return source_failed("the credential_process failed with exit status " +
                         std::to_string(*status));
  return output;
}

}  // namespace

Result<AwsCredentials> run_credential_process(const std::string& command, Deadline deadline) {
  const auto words = split_words(command);
  if (!words || words->empty())
    return source_failed(
        "the credential_process is not a command: a quote is not closed or nothing is there");
  const auto output = TRY(output_of(*words, std::min(deadline, deadline_in(kLongest))));
  auto credentials = parse_process_credentials(output);
  if (!credentials.ok())
    return source_failed("the credential_process printed no credentials: " +
                         credentials.error().detail);
  return credentials;
}

}  // namespace tintype
