#include "signing/presign.h"

#include <algorithm>

#include "base/encoding.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

// Scheme and authority as every client will send them: lower-case, without the scheme's own port,
// because the Host header is signed.
struct Origin {
  std::string scheme;
  std::string host;
};

Result<Origin> parse_origin(std::string_view text) {
  std::string lower = ascii_lower(text);
  std::size_t at = lower.find("://");
  Origin origin;
  if (at != std::string::npos) origin = {lower.substr(0, at), lower.substr(at + 3)};
  bool known = origin.scheme == "http" || origin.scheme == "https";
  if (!known || origin.host.empty() || origin.host.find_first_of("/?#@") != std::string::npos)
    return invalid_error("invalid_endpoint", "The endpoint must be http(s)://host[:port].");
  std::string_view own_port = origin.scheme == "http" ? ":80" : ":443";
  if (origin.host.ends_with(own_port)) origin.host.resize(origin.host.size() - own_port.size());
  return origin;
}

Result<void> check(const PresignRequest& request) {
  if (request.expires_in < seconds(1) || request.expires_in > kMaxPresignLifetime)
    return invalid_error("invalid_lifetime",
                         "A presigned URL lives between 1 second and 604800 seconds.");
  if (!request.path.starts_with('/'))
    return invalid_error("invalid_path", "The path must start with a slash.");
  return {};
}

}  // namespace

Result<std::string> presign_url(const Credentials& credentials, const PresignRequest& request) {
  TRY(check(request));
  Origin origin = TRY(parse_origin(request.scheme_and_host));
  Scope scope{request.now, request.region, request.service};
  CanonicalInput input{request.method, request.path, request.query, request.headers,
                       std::string(kUnsignedPayload)};
  input.headers.emplace_back("host", origin.host);
  auto& query = input.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back("X-Amz-Credential", credentials.access_key_id + "/" + scope.to_string());
  query.emplace_back("X-Amz-Date", format_amz_date(request.now));
  query.emplace_back("X-Amz-Expires", std::to_string(request.expires_in.count()));
  query.emplace_back("X-Amz-SignedHeaders", signed_header_names(input.headers));
  if (!credentials.session_token.empty())
    query.emplace_back("X-Amz-Security-Token", credentials.session_token);

  std::string canonical = canonical_request(input, request.service != "s3");
  std::string url = origin.scheme + "://" + origin.host + percent_encode(request.path, true);
  url.append("?").append(canonical_query(query)).append("&X-Amz-Signature=");
  url.append(signature(credentials, scope, string_to_sign(scope, canonical)));
  return url;
}

}  // namespace tintype::sigv4
