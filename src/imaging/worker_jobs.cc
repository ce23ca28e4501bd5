#include "imaging/worker_jobs.h"

#include <sys/mman.h>

#include "imaging/failures.h"
#include "imaging/render.h"
#include "imaging/rendition_wire.h"

namespace tintype {
namespace {

// The input file as memory. Reads beyond its end would be SIGBUS, which costs the job like any
// crash.
class Mapping {
 public:
  Mapping(int fd, std::uint64_t size) : size_(size) {
    data_ = size > 0 ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  }
  ~Mapping() {
    if (ok()) munmap(data_, size_);
  }
  Mapping(const Mapping&) = delete;
  bool ok() const { return data_ != MAP_FAILED; }
  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_;
  std::uint64_t size_;
};

Error unreadable() { return corrupt_image("The file could not be read."); }

std::vector<int> outputs_of(const std::vector<UniqueFd>& fds) {
  std::vector<int> outputs;
  for (std::size_t i = 1; i < fds.size(); ++i) outputs.push_back(fds[i].get());
  return outputs;
}

}  // namespace

Result<std::string> run_job(const Job& job, const std::vector<UniqueFd>& fds,
                            const HeifLibrary* heif) {
  if (job.kind != JobKind::examine && job.kind != JobKind::render)
    return unsupported_format("The worker does not know this kind of job.");
  if (job.input_size == 0) return not_an_image("The file is empty.");
  auto wishes = decode_render_wishes(job.payload);
  if (!wishes || fds.size() != 1 + wishes->specs.size()) return unreadable();
  Mapping input(fds[0].get(), job.input_size);
  if (!input.ok()) return unreadable();
  auto outputs = outputs_of(fds);
  if (job.kind == JobKind::examine) {
    auto answer =
        TRY(examine_file(input.bytes(), wishes->specs, wishes->policy, job.limits, heif, outputs));
    return encode_inspect_answer(answer);
  }
  auto files =
      TRY(render_file(input.bytes(), wishes->specs, wishes->policy, job.limits, heif, outputs));
  return encode_render_answer(files);
}

}  // namespace tintype
