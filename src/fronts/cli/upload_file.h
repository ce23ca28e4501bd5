// Uploads one file the presigned way: create, PUT to the presigned URL, complete.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "fronts/cli/command_line.h"
#include "fronts/cli/upload_answers.h"
#include "net/http_client.h"

namespace tintype {

// When the server cannot be reached or says "later" (429, 502, 503, 504): how often to try, and how
// long to wait in between, doubling from the first to the longest wait.
struct RetryPolicy {
  int attempts = 5;
  milliseconds first_wait{200};
  milliseconds longest_wait = seconds(5);
};

// `progress` hears how many bytes of the file are on their way. The error's detail is one sentence
// for a person. An image that the server finds wanting is an error too (`unprocessable`).
Result<UploadedImage> upload_file(const HttpClient& client, const UploadOptions& options,
                                  const RetryPolicy& retry, const std::string& path,
                                  const std::function<void(std::uint64_t)>& progress);

}  // namespace tintype
