// A request to a presigned URL that tests take apart and put together again.
#pragma once

#include <string>

#include "base/encoding.h"
#include "signing/presign.h"
#include "signing/text.h"

namespace tintype::sigv4 {

inline const Credentials kTestKey{"AKIATEST", "very/secret+key", ""};

inline Timestamp test_time() { return parse_amz_date("20261122T080000Z").value(); }

inline SecretLookup lookup_of(Credentials key) {
  return [key = std::move(key)](std::string_view id) -> std::optional<Credentials> {
    if (id != key.access_key_id) return std::nullopt;
    return key;
  };
}

struct Request {
  std::string method;
  std::string path;
  std::string query;
  NameValues headers;

  Result<VerifiedUrl> verify(Timestamp now = test_time(), const Credentials& key = kTestKey) const {
    SignedRequest request{method, path, query, {headers.begin(), headers.end()}};
    return verify_presigned(request, "eu-central-1", "s3", now, lookup_of(key));
  }
  // The code of the error, or `ok`.
  std::string code(Timestamp now = test_time(), const Credentials& key = kTestKey) const {
    auto result = verify(now, key);
    return result.ok() ? "ok" : result.error().code;
  }
  // Replaces the decoded value of one query parameter, leaving the signature as it was.
  void set(std::string_view name, std::string_view value) {
    std::string out;
    for (std::string_view piece : split(query, '&')) {
      std::string kept(piece);
      if (piece.starts_with(std::string(name) + "="))
        kept = std::string(name) + "=" + percent_encode(value);
      out += (out.empty() ? "" : "&") + kept;
    }
    query = out;
  }
  void remove(std::string_view name) {
    std::string out;
    for (std::string_view piece : split(query, '&'))
      if (!piece.starts_with(std::string(name) + "="))
        out += (out.empty() ? "" : "&") + std::string(piece);
    query = out;
  }
};

inline PresignRequest put_request() {
  return {.method = "PUT",
          .scheme_and_host = "http://127.0.0.1:8080",
          .path = "/objects/photos/incoming/a b+%ü.jpg",
          .query = {{"x-id", "PutObject"}},
          .headers = {{"Content-Type", "image/jpeg"}, {"Content-Length", "12"}},
          .region = "eu-central-1",
          .now = test_time(),
          .expires_in = seconds(900)};
}

// The request that a client makes of the URL, with the headers that were signed.
inline Request follow(const PresignRequest& presign, const Credentials& key = kTestKey) {
  std::string url = presign_url(key, presign).value();
  std::size_t slash = url.find('/', url.find("://") + 3);
  std::size_t mark = url.find('?');
  std::string host = url.substr(0, slash).substr(url.find("://") + 3);
  Request out{presign.method, url.substr(slash, mark - slash), url.substr(mark + 1),
              presign.headers};
  out.headers.emplace_back("Host", host);
  return out;
}

}  // namespace tintype::sigv4
