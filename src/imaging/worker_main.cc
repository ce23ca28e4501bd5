#include "imaging/worker_main.h"

#include <malloc.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <new>
#include <vector>

#include "base/unique_fd.h"
#include "imaging/decode.h"
#include "imaging/failures.h"
#include "imaging/heif_library.h"
#include "imaging/packet.h"
#include "imaging/sandbox.h"
#include "imaging/worker_jobs.h"

namespace tintype {
namespace {

struct Arguments {
  std::string_view sandbox = "auto";
  std::uint64_t memory = 0;
};

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    std::string_view text = argv[i];
    if (text.starts_with("--sandbox=")) arguments.sandbox = text.substr(10);
    if (text.starts_with("--memory="))
      std::from_chars(text.data() + 9, text.data() + text.size(), arguments.memory);
  }
  return arguments;
}

// Signals of the terminal and the service manager are for the server, which closes our socket when
// it is done.
void ignore_signals() {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ}) signal(number, SIG_IGN);
}

// One arena: each further one reserves 64 MB of the address space, and threads are few. What a
// usual job needs is kept for the next one, because having it zeroed by the kernel each time costs
// several hundredths of the job; larger blocks go back at once.
void bound_allocator() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 2 * 1024 * 1024);
  mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
}

class Worker {
 public:
  Worker(const WorkerHooks& hooks, std::optional<HeifLibrary> heif)
      : hooks_(hooks), heif_(std::move(heif)) {}

  // Until the pool closes the socket.
  int serve() {
    while (true) {
      auto packet = receive_packet(kWorkerSocket);
      if (!packet) return 1;
      if (packet->bytes.empty()) return 0;
      auto job = decode_job(packet->bytes);
      if (!job) return 1;
      allow_cpu(job->cpu_seconds);
      auto answer = encode_answer(job->id, run(*job, packet->fds));
      if (!send_packet(kWorkerSocket, answer, {})) return 1;
    }
  }

 private:
  Result<std::string> run(const Job& job, const std::vector<UniqueFd>& fds) try {
    if (hooks_.instead)
      if (auto answer = hooks_.instead(job, fds)) return std::move(*answer);
    return run_job(job, fds, heif_ ? &*heif_ : nullptr);
  } catch (const std::bad_alloc&) {
    return decoder_out_of_memory();
  }

  const WorkerHooks& hooks_;
  std::optional<HeifLibrary> heif_;
};

// The sandbox as asked for: what became of it, or the error that forbids to go on.
Result<Hello> enter_sandbox(std::string_view mode, const WorkerHooks& hooks) {
  Hello hello;
  if (mode == "off") return hello;
  auto installed = hooks.install_filter ? hooks.install_filter() : install_syscall_filter();
  hello.sandbox = installed.ok() ? SandboxStatus::active : SandboxStatus::refused;
  if (installed.ok()) return hello;
  hello.reason = installed.error().detail;
  if (mode == "required") return std::move(installed).error();
  return hello;
}

int fail(const Error& error) {
  std::fprintf(stderr, "imaging worker: %s\n", error.detail.c_str());
  return 1;
}

}  // namespace

int imaging_worker_main(int argc, char** argv, const WorkerHooks& hooks) {
  Arguments arguments = parse_arguments(argc, argv);
  int type = 0;
  socklen_t length = sizeof type;
  if (getsockopt(kWorkerSocket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 ||
      type != SOCK_SEQPACKET) {
    std::fputs("tintype imaging-worker is started by the server itself\n", stderr);
    return 2;
  }
  ignore_signals();
  bound_allocator();
  ProcessLimits limits;
  limits.address_space = arguments.memory;
  auto restricted = restrict_process(limits, kWorkerSocket);
  if (!restricted) return fail(restricted.error());
  // Everything that opens files or loads libraries happens before the filter.
  auto vips = start_vips();
  if (!vips) return fail(vips.error());
  auto heif = HeifLibrary::load();
  auto silent = restrict_stderr();
  if (!silent) return fail(silent.error());
  auto hello = enter_sandbox(arguments.sandbox, hooks);
  if (!hello) {
    // The pool turns this into its own error; a worker that may not run says why and ends.
    Hello refusal{SandboxStatus::refused, false, hello.error().detail};
    (void)send_packet(kWorkerSocket, encode_hello(refusal), {});
    return 1;
  }
  hello->heic = heif.has_value();
  if (!send_packet(kWorkerSocket, encode_hello(*hello), {})) return 1;
  int code = Worker(hooks, std::move(heif)).serve();
  // Exit handlers of the libraries may do what the filter forbids, and there is nothing to save.
  if (hello->sandbox == SandboxStatus::active) _exit(code);
  return code;
}

int imaging_worker_main(int argc, char** argv) { return imaging_worker_main(argc, argv, {}); }

}  // namespace tintype
