#include "services/download_image.h"

#include <algorithm>

#include "base/encoding.h"
#include "services/image_access.h"

namespace tintype {
namespace {

bool is_quotable(unsigned char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '%';
}

}  // namespace

std::string content_disposition(bool attachment, std::string_view filename) {
  std::string ascii;
  for (std::size_t i = 0; i < filename.size(); ++i) {
    auto c = static_cast<unsigned char>(filename[i]);
    bool continuation = c >= 0x80 && c < 0xC0;  // one `_` for a character, not for each byte of it
    if (is_quotable(c)) ascii += static_cast<char>(c);
    else if (!continuation) ascii += '_';
  }
  std::string value = attachment ? "attachment" : "inline";
  value += "; filename=\"" + ascii + "\"";
  if (ascii != filename) value += "; filename*=UTF-8''" + percent_encode(filename);
  return value;
}

std::string rendition_filename(std::string_view filename, MediaType type) {
  constexpr std::size_t kLongestExtension = 5;
  auto dot = filename.rfind('.');
  bool has_extension = dot != std::string_view::npos && dot > 0;
  bool known = has_extension && filename.size() - dot <= kLongestExtension;
  return std::string(known ? filename.substr(0, dot) : filename).append(file_extension(type));
}

Result<DownloadLink> download_image(const ServiceContext& context, ImageMetadata image,
                                    const DownloadOptions& options) {
  TRY(check_active(image));
  PresignGet request;
  request.key = image.s3_key;
  request.content_type = media_type_name(image.content_type);
  request.content_disposition = content_disposition(options.attachment, image.filename);
  request.now = context.clock.now();
  request.expires_in = options.expires_in;
  auto link = TRY(context.objects.presign_get(request));
  return DownloadLink{std::move(link.url), link.expires_at, std::move(image)};
}

}  // namespace tintype
