#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <vips/vips.h>

#include <set>

#include "imaging/sandbox.h"
#include "imaging/worker_main.h"
#include "unit/imaging/worker/misbehaviour.h"
#include "unit/imaging/worker/pretence.h"

namespace {

using namespace tintype;

std::string verdict(bool allowed) { return allowed ? "allowed" : "denied"; }

bool can_connect() {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return errno != EACCES;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 || errno != EACCES;
}

bool can_fork() {
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  return pid > 0;
}

bool can_execute() {
  char* const argv[] = {const_cast<char*>("true"), nullptr};
  execve("/bin/true", argv, argv + 1);
  return false;
}

// Sanitized workers have no limit of their own: without this one they would take what the machine
// has.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMostBlocks = 32;
#else
constexpr std::size_t kMostBlocks = ~std::size_t{0};
#endif

std::string allocate_all() {
  constexpr std::size_t kStep = 8 << 20;
  std::vector<void*> blocks;
  while (blocks.size() < kMostBlocks) {
    void* block = malloc(kStep);
    if (!block) break;
    memset(block, 1, kStep);
    blocks.push_back(block);
  }
  for (void* block : blocks) free(block);
  return std::to_string(blocks.size() * 8);
}

bool can_run_thread() {
  int value = 0;
  std::thread([&] { value = 1; }).join();
  return value == 1;
}

bool can_write_code() {
  void* page =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED;
}

// fstat() of some C libraries is newfstatat(), which the filter denies.
bool look_at(int fd, struct stat& info) { return syscall(SYS_fstat, fd, &info) == 0; }

std::string count_descriptors() {
  int count = 0;
  for (int fd = 0; fd < 64; ++fd) {
    struct stat info;
    if (look_at(fd, info)) ++count;
  }
  return std::to_string(count);
}

bool has_a_log() {
  struct stat info;
  return !look_at(STDERR_FILENO, info) || !S_ISCHR(info.st_mode) || info.st_rdev != makedev(1, 3);
}

void* add_loader(GType type, void* names) {
  auto operation = static_cast<VipsOperationClass*>(g_type_class_ref(type));
  bool usable = !G_TYPE_IS_ABSTRACT(type) && (operation->flags & VIPS_OPERATION_BLOCKED) == 0;
  if (usable) static_cast<std::set<std::string>*>(names)->insert(g_type_name(type));
  g_type_class_unref(operation);
  return nullptr;
}

std::string list_loaders() {
  std::set<std::string> names;
  vips_type_map_all(g_type_from_name("VipsForeignLoad"), add_loader, &names);
  std::string all;
  for (const auto& name : names) all += name + " ";
  return all;
}

bool can_load(const std::string& file) {
  VipsImage* image = vips_image_new_from_buffer(file.data(), file.size(), "", nullptr);
  bool loaded = image && vips_image_write_to_memory(image, nullptr);
  if (image) g_object_unref(image);
  return loaded;
}

std::string environment() {
  std::string all;
  for (char** entry = environ; *entry; ++entry) all += std::string(*entry) + "\n";
  return all;
}

volatile std::uint64_t counter = 0;

void send_raw(const std::string& bytes) { (void)!write(kWorkerSocket, bytes.data(), bytes.size()); }

Result<std::string> misbehave(const Job& job) {
  switch (static_cast<Misbehaviour>(job.kind)) {
    case Misbehaviour::open_file: return verdict(open("/etc/passwd", O_RDONLY) >= 0);
    case Misbehaviour::stat_file: return verdict(access("/etc/passwd", R_OK) == 0);
    case Misbehaviour::connect_socket: return verdict(can_connect());
    case Misbehaviour::fork_process: return verdict(can_fork());
    case Misbehaviour::execute_program: return verdict(can_execute());
    case Misbehaviour::trace_parent: return verdict(ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0);
    case Misbehaviour::kill_itself: return verdict(raise(SIGKILL) == 0);
    case Misbehaviour::write_executable_memory: return verdict(can_write_code());
    case Misbehaviour::crash:
      signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler
      raise(SIGSEGV);
      break;
    case Misbehaviour::abort_process: abort();
    case Misbehaviour::hang:
      while (true) sleep(1000);
    case Misbehaviour::spin:
      while (true) counter = counter + 1;
    case Misbehaviour::allocate: return allocate_all();
    case Misbehaviour::run_thread: return verdict(can_run_thread());
    case Misbehaviour::send_nonsense: send_raw("nonsense"); break;
    case Misbehaviour::send_wrong_id: send_raw(encode_answer(job.id + 1, std::string("x"))); break;
    case Misbehaviour::close_socket:
      close(kWorkerSocket);
      while (true) sleep(1000);
    case Misbehaviour::count_descriptors: return count_descriptors();
    case Misbehaviour::list_environment: return environment();
    case Misbehaviour::write_to_log: return verdict(has_a_log());
    case Misbehaviour::be_traced: return verdict(prctl(PR_GET_DUMPABLE) != 0);
    case Misbehaviour::list_loaders: return list_loaders();
    case Misbehaviour::load_picture: return verdict(can_load(job.payload));
    case Misbehaviour::scribble: return verdict(can_scribble());
  }
  return std::string();
}

// Jobs of the tests' own kinds, and renditions that are only pretended.
std::optional<Result<std::string>> instead(const Job& job, const std::vector<UniqueFd>& fds) {
  if (static_cast<std::uint16_t>(job.kind) >= 0x8000) return misbehave(job);
  if (job.kind == JobKind::render) return pretend_to_render(job, fds);
  return std::nullopt;
}

Result<void> refuse() { return unavailable_error("seccomp was refused with error 1"); }

}  // namespace

// A program name that ends in a word, made by a link, stands for a machine with that trouble.
int main(int argc, char** argv) {
  tintype::WorkerHooks hooks;
  hooks.instead = instead;
  std::string_view name = argv[0];
  if (name.ends_with("-refusing")) hooks.install_filter = refuse;
  if (name.ends_with("-dying")) return 1;
  return tintype::imaging_worker_main(argc, argv, hooks);
}
