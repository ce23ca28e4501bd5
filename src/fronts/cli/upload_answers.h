// What the server answers to an upload, parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"

namespace tintype {

struct UploadedImage {
  std::string id;
  std::string filename;
  std::string status;
  std::uint64_t width = 0, height = 0;  // 0: not known
  std::uint64_t size = 0;
  std::string failure;     // `code: detail` of a failed image
  bool duplicate = false;  // the user had it already
  std::string json;        // the image as the server said it
};

// Where and how to send the bytes.
struct SendTicket {
  std::string image_id;
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct CreateAnswer {
  std::optional<UploadedImage> duplicate;  // nothing is to be uploaded
  SendTicket ticket;
};

// Answers of POST /images (200 or 201) and POST /images/{id}/complete (200). Errors: `internal` for
// a body that is not what the contract says.
Result<CreateAnswer> parse_create_answer(const HttpResponse& response);
Result<UploadedImage> parse_image_answer(const HttpResponse& response);

// One sentence for an answer that is an error: of its problem+json, or of its S3 XML, or at least
// of its status.
std::string error_sentence(const HttpResponse& response);

}  // namespace tintype
