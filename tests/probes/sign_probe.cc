// Reads one JSON object per line, calls the function of src/signing that its `op` names, and
// answers with one JSON object per line: the result, or {"error": {"code", "detail"}}.
#include <boost/json.hpp>
#include <iostream>

#include "signing/post_policy.h"

namespace json = boost::json;
using namespace tintype;
using namespace tintype::sigv4;

namespace {

std::string text(const json::object& in, const char* name) {
  return json::value_to<std::string>(in.at(name));
}

NameValues pairs(const json::object& in, const char* name) {
  return json::value_to<NameValues>(in.at(name));
}

Credentials credentials(const json::object& in) {
  return {text(in, "access_key"), text(in, "secret"), text(in, "token")};
}

Timestamp date(const json::object& in) { return parse_amz_date(text(in, "date")).value(); }

seconds lifetime(const json::object& in) { return seconds(in.at("expires").to_number<int>()); }

SecretLookup lookup(const json::object& in) {
  return [key = credentials(in)](std::string_view id) -> std::optional<Credentials> {
    if (id != key.access_key_id) return std::nullopt;
    return key;
  };
}

json::object error(const Error& e) {
  return {{"error", {{"code", e.code}, {"detail", e.detail}, {"status", http_status(e.kind)}}}};
}

json::object sign(const json::object& in) {
  CanonicalInput input{text(in, "method"), text(in, "path"), pairs(in, "query"),
                       pairs(in, "headers"), text(in, "payload_hash")};
  Scope scope{date(in), text(in, "region"), text(in, "service")};
  return {{"headers", json::value_from(sign_headers(credentials(in), scope, input))}};
}

json::object presign(const json::object& in) {
  auto url = presign_url(credentials(in), {.method = text(in, "method"),
                                           .scheme_and_host = text(in, "endpoint"),
                                           .path = text(in, "path"),
                                           .query = pairs(in, "query"),
                                           .headers = pairs(in, "headers"),
                                           .region = text(in, "region"),
                                           .now = date(in),
                                           .expires_in = lifetime(in)});
  if (!url.ok()) return error(url.error());
  return {{"url", *url}};
}

json::object verify(const json::object& in) {
  auto method = text(in, "method"), path = text(in, "raw_path"), query = text(in, "raw_query");
  auto headers = pairs(in, "headers");
  SignedRequest request{method, path, query, {headers.begin(), headers.end()}};
  auto url = verify_presigned(request, text(in, "region"), "s3", date(in), lookup(in));
  if (!url.ok()) return error(url.error());
  return {{"path", url->path},
          {"query", json::value_from(url->query)},
          {"signed_headers", json::value_from(url->signed_headers)},
          {"expires_at", format_amz_date(url->expires_at)}};
}

json::object make_post(const json::object& in) {
  auto fields = make_post_policy(credentials(in), {.bucket = text(in, "bucket"),
                                                   .key = text(in, "key"),
                                                   .content_type = text(in, "content_type"),
                                                   .min_size = 1,
                                                   .max_size = in.at("max").to_number<unsigned>(),
                                                   .exact_fields = pairs(in, "exact_fields"),
                                                   .region = text(in, "region"),
                                                   .now = date(in),
                                                   .expires_in = lifetime(in)});
  if (!fields.ok()) return error(fields.error());
  return {{"fields", json::value_from(*fields)}};
}

json::object verify_post(const json::object& in) {
  auto post = verify_post_policy(pairs(in, "fields"), text(in, "bucket"), text(in, "region"),
                                 date(in), lookup(in));
  if (!post.ok()) return error(post.error());
  return {{"key", post->key},
          {"content_type", post->content_type},
          {"min", post->min_size},
          {"max", post->max_size}};
}

json::object answer(const json::object& in) {
  std::string op = text(in, "op");
  if (op == "sign") return sign(in);
  if (op == "presign") return presign(in);
  if (op == "verify") return verify(in);
  if (op == "make_post") return make_post(in);
  if (op == "verify_post") return verify_post(in);
  return {{"error", "unknown op"}};
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line))
    std::cout << json::serialize(answer(json::parse(line).as_object())) << std::endl;
}
