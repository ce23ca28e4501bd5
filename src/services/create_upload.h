// Create upload: a validated wish for a new image becomes a `processing` record and a way to send
// the bytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/service_context.h"

namespace tintype {

// Every member has passed domain/validators.
struct NewImage {
  std::string user_id;
  std::string filename;
  MediaType content_type = MediaType::jpeg;
  std::uint64_t size = 0;
  std::optional<std::string> sha256;  // 64 hex digits
  std::vector<std::string> tags;
  std::optional<std::string> description;
  std::string metadata_json = "{}";
  Visibility visibility = Visibility::private_;
};

enum class UploadMethod : std::uint8_t {
  put,     // presigned PUT
  post,    // presigned form (POST policy)
  direct,  // the bytes come with the request; no URL is made
};

struct CreateOptions {
  UploadMethod method = UploadMethod::put;
  bool allow_duplicate = false;     // upload again even if the user has this very content
  std::optional<ImageId> image_id;  // chosen already
  // An earlier try of the same request may have made this image: then it is the one.
  bool repeated = false;
};

// How the client sends the bytes. `fields` are headers for PUT and form fields for POST.
struct UploadTicket {
  UploadMethod method = UploadMethod::put;
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  Timestamp expires_at;
};

struct CreatedUpload {
  ImageMetadata image;
  bool duplicate = false;  // `image` is the active image with the same content; there is no ticket
  UploadTicket ticket;
};

// Calling it again with the same `image_id` and `repeated` gives the image that was made: with a new
// ticket while its bytes are awaited, as a duplicate once it is active. Errors: `gone` when it is in
// the trash; `unprocessable` with the code of its failure, `quota_exceeded` or
// `upload_method_unsupported`; and the stores' own.
Result<CreatedUpload> create_upload(const ServiceContext& context, const NewImage& wish,
                                    const CreateOptions& options);

}  // namespace tintype
