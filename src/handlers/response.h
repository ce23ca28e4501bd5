// Answers that many handlers give, and the conditional-request headers of RFC 9110 §13.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "handlers/http.h"
#include "services/service_context.h"

namespace tintype {

Response json_response(int status, std::string body);
Response empty_response(int status);

// `"<revision>"`
std::string revision_etag(const ImageMetadata& image);

// True when an If-None-Match header names the tag (weak comparison) or is `*`.
bool if_none_match(const Request& request, std::string_view etag);

// What an If-Match header asks for. Nothing when there is none, or it is `*`. Several tags: the one
// that is the image's revision now, else one that no image has. Errors: the store's.
Result<std::optional<std::int64_t>> if_match_revision(const ServiceContext& context,
                                                      const Request& request, const ImageId& id);

}  // namespace tintype
