#include "imaging/sandbox.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/unique_fd.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TINTYPE_SANITIZED 1
#else
#define TINTYPE_SANITIZED 0
#endif

namespace tintype {
namespace {

// Sanitizers reserve terabytes of address space.
constexpr bool kSanitized = TINTYPE_SANITIZED;
constexpr rlim_t kMaxOutputBytes = 1ull << 29;

bool set_limit(__rlimit_resource what, rlim_t value) {
  rlimit limit{value, value};
  return setrlimit(what, &limit) == 0;
}

// When the machine's memory runs out, the kernel ends a worker rather than the server. Where that
// cannot be arranged, nothing else changes. Possible as long as the process is dumpable.
void be_first_to_go() {
  UniqueFd score(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score) (void)!write(score.get(), "1000", 4);
}

// Memory, threads and time of the own process; messages and reads on descriptors it already has.
constexpr int kAllowed[] = {SCMP_SYS(read),
                            SCMP_SYS(write),
                            SCMP_SYS(readv),
                            SCMP_SYS(writev),
                            SCMP_SYS(pread64),
                            SCMP_SYS(pwrite64),
                            SCMP_SYS(lseek),
                            SCMP_SYS(fstat),
                            SCMP_SYS(ftruncate),
                            SCMP_SYS(close),
                            SCMP_SYS(recvmsg),
                            SCMP_SYS(sendmsg),
                            SCMP_SYS(poll),
                            SCMP_SYS(ppoll),
                            SCMP_SYS(munmap),
                            SCMP_SYS(mremap),
                            SCMP_SYS(madvise),
                            SCMP_SYS(brk),
                            SCMP_SYS(futex),
                            SCMP_SYS(set_robust_list),
                            SCMP_SYS(rseq),
                            SCMP_SYS(sched_yield),
                            SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(getpid),
                            SCMP_SYS(gettid),
                            SCMP_SYS(exit),
                            SCMP_SYS(exit_group),
                            SCMP_SYS(rt_sigaction),
                            SCMP_SYS(rt_sigprocmask),
                            SCMP_SYS(rt_sigreturn),
                            SCMP_SYS(sigaltstack),
                            SCMP_SYS(clock_gettime),
                            SCMP_SYS(clock_nanosleep),
                            SCMP_SYS(nanosleep),
                            SCMP_SYS(gettimeofday),
                            SCMP_SYS(getrandom),
                            SCMP_SYS(getrusage),
                            SCMP_SYS(restart_syscall)};

// Answered with EACCES: nothing is opened, looked up or connected, and nobody dies of asking.
constexpr int kDenied[] = {SCMP_SYS(open),           SCMP_SYS(openat),
                           SCMP_SYS(openat2),        SCMP_SYS(stat),
                           SCMP_SYS(lstat),          SCMP_SYS(newfstatat),
                           SCMP_SYS(statx),          SCMP_SYS(access),
                           SCMP_SYS(faccessat),      SCMP_SYS(faccessat2),
                           SCMP_SYS(readlink),       SCMP_SYS(readlinkat),
                           SCMP_SYS(getcwd),         SCMP_SYS(statfs),
                           SCMP_SYS(sysinfo),        SCMP_SYS(uname),
                           SCMP_SYS(ioctl),          SCMP_SYS(fcntl),
                           SCMP_SYS(socket),         SCMP_SYS(connect),
                           SCMP_SYS(memfd_create),   SCMP_SYS(sched_setscheduler),
                           SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
                           SCMP_SYS(mbind),          SCMP_SYS(set_mempolicy),
                           SCMP_SYS(get_mempolicy)};

constexpr int kSanitizerNeeds[] = {SCMP_SYS(tkill), SCMP_SYS(getppid),     SCMP_SYS(getuid),
                                   SCMP_SYS(prctl), SCMP_SYS(personality), SCMP_SYS(pipe),
                                   SCMP_SYS(pipe2)};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release) {}

  void all(std::uint32_t action, std::initializer_list<int> calls) {
    for (int call : calls) add(action, call, {});
  }
  template <std::size_t N>
  void all(std::uint32_t action, const int (&calls)[N]) {
    for (int call : calls) add(action, call, {});
  }
  void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions) {
    int error = context_ ? seccomp_rule_add_array(context_.get(), action, call,
                                                  static_cast<unsigned>(conditions.size()),
                                                  conditions.begin())
                         : -ENOMEM;
    if (error != 0 && error_ == 0) error_ = error;
  }
  int load() {
    if (error_ == 0) error_ = seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    if (error_ == 0) error_ = seccomp_load(context_.get());
    return error_;
  }

 private:
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
  int error_ = 0;
};

// Threads yes, processes no. clone3 hides its flags in memory, where no filter can look: glibc
// falls back to clone when it is told that there is no such call.
void add_thread_rules(Filter& filter) {
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(clone),
             {SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
  filter.add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), {});
  auto self = static_cast<scmp_datum_t>(getpid());
  // The pool takes SIGKILL for somebody else's deed, so a file must not be able to feign it.
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
             {SCMP_A0_64(SCMP_CMP_EQ, self), SCMP_A2_64(SCMP_CMP_NE, SIGKILL)});
}

// Memory is never both new and executable.
void add_memory_rules(Filter& filter) {
  for (int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    filter.add(SCMP_ACT_ALLOW, call, {SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
    filter.add(SCMP_ACT_ERRNO(EACCES), call,
               {SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC)});
  }
}

void add_own_process_rules(Filter& filter) {
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
             {SCMP_A0_64(SCMP_CMP_EQ, 0), SCMP_A1_64(SCMP_CMP_EQ, RLIMIT_CPU)});
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(setrlimit), {SCMP_A0_64(SCMP_CMP_EQ, RLIMIT_CPU)});
  if (!kSanitized)
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), {SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME)});
}

}  // namespace

Result<void> restrict_process(const ProcessLimits& limits, int last_fd) {
  be_first_to_go();
  pid_t parent = getppid();
  bool done = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_limit(RLIMIT_CORE, 0) &&
              set_limit(RLIMIT_NOFILE, limits.open_files) &&
              set_limit(RLIMIT_FSIZE, kMaxOutputBytes);
  if (done && !kSanitized && limits.address_space != 0)
    done = set_limit(RLIMIT_AS, limits.address_space);
  if (done) done = syscall(SYS_close_range, last_fd + 1, ~0u, 0u) == 0;
  if (!done) return system_error("restricting the imaging worker", errno);
  // The parent may have died before PR_SET_PDEATHSIG; then nobody will ever use this process.
  if (getppid() != parent) _exit(1);
  return {};
}

Result<void> restrict_stderr() {
  if (kSanitized) return {};
  UniqueFd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!nowhere || dup2(nowhere.get(), STDERR_FILENO) < 0)
    return system_error("taking stderr from the imaging worker", errno);
  return {};
}

Result<void> install_syscall_filter() {
  Filter filter;
  filter.all(SCMP_ACT_ALLOW, kAllowed);
  filter.all(SCMP_ACT_ERRNO(EACCES), kDenied);
  add_thread_rules(filter);
  add_memory_rules(filter);
  add_own_process_rules(filter);
  if (kSanitized) filter.all(SCMP_ACT_ALLOW, kSanitizerNeeds);
  if (int error = filter.load(); error != 0)
    return unavailable_error("seccomp was refused with error " + std::to_string(-error));
  return {};
}

void allow_cpu(std::uint32_t seconds) {
  rusage used{};
  rlimit limit{};
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0) return;
  auto so_far = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1);
  limit.rlim_cur = so_far + seconds;
  if (limit.rlim_max != RLIM_INFINITY) limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  setrlimit(RLIMIT_CPU, &limit);
}

}  // namespace tintype
