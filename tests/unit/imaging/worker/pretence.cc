#include "unit/imaging/worker/pretence.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "imaging/failures.h"
#include "imaging/rendition_wire.h"

namespace tintype {
namespace {

int kept = -1;
char* mapped = nullptr;

class Pretence {
 public:
  explicit Pretence(std::string words) : words_(std::move(words) + ":") {}
  bool says(std::string_view word) const {
    return words_.find(":" + std::string(word) + ":") != std::string::npos;
  }

 private:
  std::string words_;
};

std::string read_input(const Job& job, const std::vector<UniqueFd>& fds) {
  std::string text(std::min<std::uint64_t>(job.input_size, 200), '\0');
  ssize_t got = fds.empty() ? 0 : pread(fds[0].get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

void do_harm(const Pretence& pretend) {
  if (pretend.says("crash")) {
    signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler
    raise(SIGSEGV);
  }
  if (pretend.says("abort")) abort();
  if (pretend.says("slow")) usleep(200'000);
  if (pretend.says("slower")) usleep(1'000'000);
  while (pretend.says("hang")) sleep(1000);
}

// The largest power of two of bytes that the file may have. Sparse, so that it costs nothing.
std::uint64_t fill(int fd) {
  std::uint64_t size = 0;
  for (std::uint64_t next = 1; next < 1ull << 40; next *= 2) {
    if (pwrite(fd, "x", 1, static_cast<off_t>(next - 1)) != 1) break;
    size = next;
  }
  return size;
}

RenderedFile lie(const Pretence& pretend, RenderedFile file) {
  if (pretend.says("gif")) file.content_type = MediaType::gif;
  if (pretend.says("empty")) file.size = 0;
  if (pretend.says("long")) ++file.size;
  if (pretend.says("endless")) file.size = ~0ull / 2;
  if (pretend.says("narrow")) file.width = 0;
  if (pretend.says("wide")) file.height = 40'000;
  if (pretend.says("still")) file.frames = 0;
  return file;
}

RenderedFile write_picture(const Pretence& pretend, const RenditionSpec& spec, int fd,
                           std::size_t number) {
  std::string text = "picture " + std::to_string(number);
  (void)!write(fd, text.data(), text.size());
  RenderedFile file{spec.format.value_or(MediaType::jpeg), 100, 50, 1, text.size()};
  if (pretend.says("fill")) file.size = fill(fd);
  return lie(pretend, file);
}

void keep_output(const Pretence& pretend, const UniqueFd& output) {
  if (pretend.says("map")) {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, output.get(), 0);
    mapped = page == MAP_FAILED ? nullptr : static_cast<char*>(page);
  }
  // The worker would close it after the job; its filter lets nobody duplicate it.
  if (pretend.says("keep")) kept = const_cast<UniqueFd&>(output).release();
}

}  // namespace

std::optional<Result<std::string>> pretend_to_render(const Job& job,
                                                     const std::vector<UniqueFd>& fds) {
  std::string input = read_input(job, fds);
  if (!input.starts_with(kPretend)) return std::nullopt;
  Pretence pretend(input);
  if (pretend.says("spill") && fds.size() > 1) (void)!write(fds[1].get(), "spilt", 5);
  do_harm(pretend);
  auto wishes = decode_render_wishes(job.payload);
  if (!wishes || fds.size() != 1 + wishes->specs.size()) return corrupt_image("bad wishes");
  std::vector<RenderedFile> files;
  for (std::size_t i = 0; i < wishes->specs.size(); ++i)
    files.push_back(write_picture(pretend, wishes->specs[i], fds[i + 1].get(), i));
  if (pretend.says("few")) files.pop_back();
  if (pretend.says("many")) files.push_back(files.back());
  keep_output(pretend, fds[1]);
  return encode_render_answer(files);
}

bool can_scribble() {
  if (mapped) mapped[0] = 'X';
  bool written = kept >= 0 && pwrite(kept, "X", 1, 0) == 1;
  bool cut = kept >= 0 && ftruncate(kept, 0) == 0;
  return written || cut;
}

}  // namespace tintype
