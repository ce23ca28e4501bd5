// ProgressBar: one line on a terminal that is drawn over and over; nothing elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace tintype {

class ProgressBar {
 public:
  ProgressBar(std::FILE* stream, std::uint64_t total_bytes, std::size_t total_files);
  void draw(std::uint64_t bytes, std::size_t files);
  void clear();  // so that other lines can be printed

 private:
  std::FILE* stream_;
  std::uint64_t total_bytes_;
  std::size_t total_files_;
  bool terminal_;
  bool drawn_ = false;
};

// `[#####-----]  50%  3/10 files`
std::string progress_text(std::uint64_t bytes, std::uint64_t total_bytes, std::size_t files,
                          std::size_t total_files);

}  // namespace tintype
