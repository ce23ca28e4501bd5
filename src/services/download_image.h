// Download image: a presigned URL for the original.
#pragma once

#include <string>

#include "services/service_context.h"

namespace tintype {

struct DownloadOptions {
  seconds expires_in{900};  // at most 7 days
  bool attachment = true;   // Content-Disposition attachment, else inline
};

struct DownloadLink {
  std::string url;
  Timestamp expires_at;
  ImageMetadata image;
};

// Errors: `gone` in the trash; `conflict` with code `not_ready` while the image is processing or
// when it failed.
Result<DownloadLink> download_image(const ServiceContext& context, ImageMetadata image,
                                    const DownloadOptions& options);

// The name of a picture made from an image: the image's, with the extension of its type.
std::string rendition_filename(std::string_view filename, MediaType type);

// A Content-Disposition value (RFC 6266): the name in ASCII for old clients, and in UTF-8 by RFC
// 5987 where that says more.
std::string content_disposition(bool attachment, std::string_view filename);

}  // namespace tintype
