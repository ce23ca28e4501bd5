// S3's XML errors, as the embedded object URLs answer them.
#pragma once

#include <string>
#include <string_view>

#include "handlers/http.h"

namespace tintype {

// Maps an error of signing/ or of the object store to S3's code and status.
Response s3_error_response(const Error& error, const Request& request);
Response s3_error_response(int status, std::string_view code, std::string_view message,
                           const Request& request);

}  // namespace tintype
