// HEIC through the system's libheif, found at run time: the pinned libvips decodes AVIF but no
// HEVC.
//
// The library is loaded privately (RTLD_LOCAL), because libvips carries a newer libheif of its own.
// Runs inside a worker; load() comes before the sandbox, which allows no opening of files.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "domain/limits.h"
#include "imaging/decode.h"

namespace tintype {

class HeifLibrary {
 public:
  // Nothing where libheif.so.1 is absent or too old, or has no HEVC decoder.
  static std::optional<HeifLibrary> load();

  // Decodes the primary picture, turned as the file says, and throws the pixels away; width and
  // height are as displayed. The limits are checked before decoding. Errors: of failures.h.
  Result<DecodedFacts> decode_whole(std::string_view file, const Limits& limits) const;

  struct Functions;

 private:
  explicit HeifLibrary(const Functions* functions) : functions_(functions) {}
  const Functions* functions_;  // lives as long as the process
};

}  // namespace tintype
