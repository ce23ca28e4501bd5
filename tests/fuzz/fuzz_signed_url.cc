// A request at a presigned URL: method, path, query and headers, one per line. Without the secret
// nothing verifies but what the seed has signed.
#include <cstdlib>

#include "signing/presign.h"

namespace {

using namespace tintype;

std::string_view take_line(std::string_view& text) {
  auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::optional<sigv4::Credentials> find_secret(std::string_view id) {
  if (id != "AKIAFUZZ") return std::nullopt;
  return sigv4::Credentials{"AKIAFUZZ", "secret", ""};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  sigv4::SignedRequest request;
  request.method = take_line(text);
  request.raw_path = take_line(text);
  request.raw_query = take_line(text);
  while (!text.empty()) {
    auto line = take_line(text);
    auto colon = std::min(line.find(':'), line.size());
    request.headers.emplace_back(line.substr(0, colon),
                                 line.substr(std::min(colon + 1, line.size())));
  }
  const Timestamp now(milliseconds(1'767'225'600'000));
  auto verified = sigv4::verify_presigned(request, "us-east-1", "s3", now, find_secret);
  if (!verified.ok()) return 0;
  if (request.method != "PUT" || !verified->path.starts_with("/bucket/")) std::abort();
  if (verified->expires_at <= now) std::abort();
  return 0;
}
