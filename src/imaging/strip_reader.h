// Pulls a picture of libvips through its steps, some rows at a time, in the calling thread: what is
// pulled by libvips itself takes two threads, which wait for each other.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "imaging/vips_ptr.h"

extern "C" {
struct _VipsRegion;
}

namespace tintype {

class StripReader {
 public:
  static constexpr int kMostRows = 16;
  using Rows = std::array<const std::uint8_t*, kMostRows>;

  // The picture must outlive the reader.
  explicit StripReader(VipsImage* picture);

  // The next rows, from top to bottom, valid until the next call. Their number is 0 after the last
  // one, and when libvips fails.
  unsigned next(Rows& rows);
  bool failed() const { return failed_; }

 private:
  struct Unref {
    void operator()(_VipsRegion* region) const;
  };
  VipsImage* picture_;
  std::unique_ptr<_VipsRegion, Unref> region_;
  int top_ = 0;
  bool failed_ = false;
};

}  // namespace tintype
