#include "fronts/server/head_scan.h"

#include <cstring>

namespace tintype {

HeadScan::Status HeadScan::scan(std::string_view bytes) {
  while (next_ < bytes.size()) {
    if (next_ == line_ && line_ > 0 && (bytes[line_] == ' ' || bytes[line_] == '\t'))
      return Status::folded;
    const void* found = std::memchr(bytes.data() + next_, '\n', bytes.size() - next_);
    if (found == nullptr) {
      next_ = bytes.size();
      return Status::need_more;
    }
    const std::size_t newline = static_cast<const char*>(found) - bytes.data();
    if (newline == line_ || bytes[newline - 1] != '\r') return Status::bad_line_ending;
    const bool blank = newline == line_ + 1;
    line_ = next_ = newline + 1;
    if (blank) return Status::complete;
  }
  return Status::need_more;
}

}  // namespace tintype
