// PNG, W3C PNG (Third Edition) §11.2.1: IHDR comes first.
#include "imaging/byte_reader.h"
#include "imaging/failures.h"
#include "imaging/image_header.h"

namespace tintype {

Result<ImageHeader> read_png_header(std::string_view file) {
  ByteReader in(file);
  auto type = in.slice(12, 4);
  if (in.be32(8) != 13u || !type || *type != "IHDR" || !in.slice(16, 17)) return damaged_image();
  return ImageHeader{*in.be32(16), *in.be32(20), 1};
}

}  // namespace tintype
