// HEIC through the system's libheif, found at run time: the pinned libvips decodes AVIF but no
// HEVC.
//
// The library is loaded privately (RTLD_LOCAL), because libvips carries a newer libheif of its own.
// Runs inside a worker; load() comes before the sandbox, which allows no opening of files.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "domain/limits.h"
#include "domain/rendition_geometry.h"
#include "imaging/decode.h"

namespace tintype {

// One picture that is open; the file must outlive it.
class HeifPicture {
 public:
  HeifPicture(HeifPicture&&) noexcept;
  ~HeifPicture();
  // Decodes everything and hands over the rows: RGB, or RGBA where there is alpha. `size` is what
  // the file has promised; a decoder that says otherwise is a damaged file. Errors: of failures.h.
  Result<void> read(PixelSize size, const RowConsumer& consume) const;

 private:
  friend class HeifLibrary;
  struct Handles;
  explicit HeifPicture(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

class HeifLibrary {
 public:
  // Nothing where libheif.so.1 is absent or too old, or has no HEVC decoder.
  static std::optional<HeifLibrary> load();

  // Opens the primary picture, turned as the file says: width and height are as displayed. The
  // limits are checked before anything is decoded. Errors: of failures.h.
  Result<HeifPicture> open(std::string_view file, const Limits& limits, DecodedFacts& facts) const;

  struct Functions;

 private:
  explicit HeifLibrary(const Functions* functions) : functions_(functions) {}
  const Functions* functions_;  // lives as long as the process
};

}  // namespace tintype
