// A form, cut into pieces at places that the first byte chooses: the same parts come out.
#include <cstdlib>

#include "handlers/multipart_parser.h"

namespace {

using namespace tintype;

struct Parts final : PartHandler {
  std::string all;
  Result<void> on_part(const PartHeaders& headers) override {
    all += "[" + headers.name + "|" + headers.filename.value_or("") + "]";
    return {};
  }
  Result<void> on_data(std::string_view bytes) override {
    all += bytes;
    return {};
  }
  Result<void> on_part_end() override {
    all += "[end]";
    return {};
  }
};

std::optional<std::string> parse(std::string_view body, std::size_t piece) {
  Parts parts;
  MultipartParser parser("xyz", parts);
  for (std::size_t at = 0; at < body.size(); at += piece)
    if (!parser.feed(body.substr(at, piece)).ok()) return std::nullopt;
  if (!parser.finish().ok()) return std::nullopt;
  return parts.all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)multipart_boundary(bytes);
  const std::size_t piece = 1 + data[0] % 64;
  if (parse(bytes.substr(1), piece) != parse(bytes.substr(1), size)) std::abort();
  return 0;
}
