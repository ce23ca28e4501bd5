// PixelSource: an image file as rows of 8-bit pixels, whatever its format.
//
// Rows are gray (1 band), RGB (3) or RGB with straight alpha (4), in the colours of the file's RGB
// or gray profile; CMYK and gray with alpha have become sRGB, 16 bits have become 8, palettes are
// resolved. They are as stored: EXIF orientation is the caller's. Runs inside a worker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/limits.h"
#include "domain/media_type.h"
#include "domain/rendition_geometry.h"
#include "imaging/decode.h"
#include "imaging/heif_library.h"

namespace tintype {

struct Animation {
  std::vector<int> delays;  // milliseconds, one per frame; may be empty
  int loops = 0;            // 0: for ever
};

class PixelSource {
 public:
  virtual ~PixelSource() = default;

  const DecodedFacts& facts() const { return facts_; }  // at full size
  std::uint32_t bands() const { return bands_; }
  PixelSize size() const { return size_; }  // of the rows of one frame
  std::uint32_t frames() const { return frames_; }
  const Animation& animation() const { return animation_; }

  // Lets the decoder shrink each side by up to `factor` (1, 2, 4 or 8), if it can do so for less
  // than the whole work; size() says what came of it. Before read().
  virtual void shrink(std::uint32_t factor) { (void)factor; }

  // Lets the decoder be off by a step or two where that is quicker: for pixels that are averaged
  // anyway. Before read().
  virtual void be_quick() {}

  // Decodes everything: the rows of all frames, from top to bottom. Once. Errors: of failures.h.
  virtual Result<void> read(const RowConsumer& consume) = 0;

 protected:
  DecodedFacts facts_;
  PixelSize size_;
  std::uint32_t bands_ = 3;
  std::uint32_t frames_ = 1;
  Animation animation_;
};

struct SourceOptions {
  bool all_frames = false;  // else the first one alone
  Limits limits;
  const HeifLibrary* heif = nullptr;  // null where HEIC support is not installed
};

// Sniffs the type, and checks the limits on what the header claims and on what the decoder says
// before the first pixel is decoded. Errors: of failures.h.
Result<std::unique_ptr<PixelSource>> open_source(MediaType type, std::string_view file,
                                                 const SourceOptions& options);

// The type of a file by its bytes. Errors: `not_an_image`, `unsupported_format`.
Result<MediaType> sniff_source(std::string_view file);

// One maker for each decoder; open_source chooses.
Result<std::unique_ptr<PixelSource>> open_jpeg_source(std::string_view file,
                                                      const SourceOptions& options);
Result<std::unique_ptr<PixelSource>> open_vips_source(MediaType type, std::string_view file,
                                                      const SourceOptions& options);
Result<std::unique_ptr<PixelSource>> open_heif_source(std::string_view file,
                                                      const SourceOptions& options);

}  // namespace tintype
