#include "services/rendition_content.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tintype {
namespace {

constexpr std::uint64_t kChunk = 256 * 1024;

Result<void> read_exactly(int fd, std::uint64_t offset, std::string& into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading a rendition", errno);
    if (got == 0) return internal_error("a rendition is shorter than its size");
    done += static_cast<std::size_t>(got);
  }
  return {};
}

}  // namespace

Result<RenditionContent> load_content(UniqueFd file, std::uint64_t offset, std::uint64_t size,
                                      std::uint64_t max_in_memory) {
  RenditionContent content;
  content.size = size;
  if (size > max_in_memory) {
    content.file = std::make_shared<UniqueFd>(std::move(file));
    content.offset = offset;
    return content;
  }
  auto bytes = std::make_shared<std::string>(size, '\0');
  TRY(read_exactly(file.get(), offset, *bytes));
  content.bytes = std::move(bytes);
  return content;
}

Result<void> put_content(ObjectStore& objects, const std::string& key,
                         const RenditionContent& content) {
  PutSpec spec;
  spec.key = key;
  spec.size = content.size;
  auto writer = TRY(objects.put(spec));
  if (content.bytes) {
    TRY(writer->write(*content.bytes));
  } else {
    std::string chunk;
    for (std::uint64_t done = 0; done < content.size; done += chunk.size()) {
      chunk.resize(std::min(kChunk, content.size - done));
      TRY(read_exactly(content.file->get(), content.offset + done, chunk));
      TRY(writer->write(chunk));
    }
  }
  return writer->seal();
}

}  // namespace tintype
