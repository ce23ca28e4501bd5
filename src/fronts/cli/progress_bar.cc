#include "fronts/cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>

namespace tintype {

ProgressBar::ProgressBar(std::FILE* stream, std::uint64_t total_bytes, std::size_t total_files)
    : stream_(stream),
      total_bytes_(total_bytes),
      total_files_(total_files),
      terminal_(::isatty(::fileno(stream)) == 1) {}

void ProgressBar::draw(std::uint64_t bytes, std::size_t files) {
  if (!terminal_) return;
  auto text = progress_text(bytes, total_bytes_, files, total_files_);
  std::fprintf(stream_, "\r%s\x1b[K", text.c_str());
  std::fflush(stream_);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stream_);
  std::fflush(stream_);
  drawn_ = false;
}

std::string progress_text(std::uint64_t bytes, std::uint64_t total_bytes, std::size_t files,
                          std::size_t total_files) {
  constexpr std::uint64_t kWidth = 30;
  double share =
      total_bytes == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(total_bytes);
  share = std::min(share, 1.0);
  auto filled = static_cast<std::size_t>(share * kWidth);
  auto percent = std::to_string(static_cast<int>(share * 100));
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, '-') + "] " +
         std::string(3 - percent.size(), ' ') + percent + "%  " + std::to_string(files) + "/" +
         std::to_string(total_files) + " files";
}

}  // namespace tintype
