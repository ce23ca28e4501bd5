#include "signing/sigv4.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/hash.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

constexpr std::string_view kTerminator = "aws4_request";

std::string day_of(Timestamp t) { return format_amz_date(t).substr(0, 8); }

// Removes `.`, `..` and empty segments (RFC 3986 §5.2.4, with the folding of slashes that AWS
// adds).
std::string normalise_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

std::string canonical_path(std::string_view path, bool encode_twice) {
  if (path.empty()) return "/";
  if (!encode_twice) return percent_encode(path, true);
  return percent_encode(percent_encode(normalise_path(path), true), true);
}

// Trims the value and folds each run of blanks within it to one space.
void append_folded(std::string& out, std::string_view value) {
  bool pending = false;
  bool started = false;
  for (char c : value) {
    if (c == ' ' || c == '\t') {
      pending = started;
      continue;
    }
    if (pending) out += ' ';
    pending = false;
    started = true;
    out += c;
  }
}

// By lower-case name; the values of a repeated header are joined with a comma, in their order.
std::map<std::string, std::string> canonical_headers(const NameValues& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    auto [at, is_new] = out.try_emplace(ascii_lower(name));
    if (!is_new) at->second += ',';
    append_folded(at->second, value);
  }
  return out;
}

std::string joined_names(const std::map<std::string, std::string>& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string derive_key(std::string_view secret, std::string_view day, std::string_view region,
                       std::string_view service) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), day);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, service);
  return hmac_sha256(key, kTerminator);
}

// The key for one secret, day, region and service: enough for a server or a client, which use the
// same ones for hours.
struct CachedKey {
  std::string secret, day, region, service;
  std::string key;

  const std::string& get(const Credentials& credentials, const Scope& scope) {
    std::string today = day_of(scope.time);
    if (key.empty() || day != today || secret != credentials.secret_access_key ||
        region != scope.region || service != scope.service) {
      key = derive_key(credentials.secret_access_key, today, scope.region, scope.service);
      secret = credentials.secret_access_key;
      day = std::move(today);
      region = scope.region;
      service = scope.service;
    }
    return key;
  }
};

}  // namespace

std::string Scope::to_string() const {
  std::string out = day_of(time);
  out.append("/").append(region).append("/").append(service).append("/").append(kTerminator);
  return out;
}

std::string canonical_query(const NameValues& query) {
  NameValues encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query)
    encoded.emplace_back(percent_encode(name), percent_encode(value));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string signed_header_names(const NameValues& headers) {
  return joined_names(canonical_headers(headers));
}

std::string canonical_request(const CanonicalInput& input, bool encode_path_twice) {
  auto headers = canonical_headers(input.headers);
  std::string out;
  out.reserve(512);
  out.append(input.method).append("\n");
  out.append(canonical_path(input.path, encode_path_twice)).append("\n");
  out.append(canonical_query(input.query)).append("\n");
  for (const auto& [name, value] : headers) out.append(name).append(":").append(value).append("\n");
  out.append("\n").append(joined_names(headers)).append("\n").append(input.payload_hash);
  return out;
}

std::string string_to_sign(const Scope& scope, std::string_view canonical_request) {
  std::string out(kAlgorithm);
  out.append("\n").append(format_amz_date(scope.time)).append("\n");
  out.append(scope.to_string()).append("\n").append(hex_encode(sha256(canonical_request)));
  return out;
}

std::string signature(const Credentials& credentials, const Scope& scope,
                      std::string_view string_to_sign) {
  static thread_local CachedKey cached;
  return hex_encode(hmac_sha256(cached.get(credentials, scope), string_to_sign));
}

NameValues sign_headers(const Credentials& credentials, const Scope& scope,
                        const CanonicalInput& input) {
  bool is_s3 = scope.service == "s3";
  NameValues added{{"x-amz-date", format_amz_date(scope.time)}};
  if (is_s3) added.emplace_back("x-amz-content-sha256", input.payload_hash);
  if (!credentials.session_token.empty())
    added.emplace_back("x-amz-security-token", credentials.session_token);

  CanonicalInput complete = input;
  complete.headers.insert(complete.headers.end(), added.begin(), added.end());
  std::string to_sign = string_to_sign(scope, canonical_request(complete, !is_s3));
  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(credentials.access_key_id).append("/");
  authorization.append(scope.to_string()).append(", SignedHeaders=");
  authorization.append(signed_header_names(complete.headers)).append(", Signature=");
  authorization.append(signature(credentials, scope, to_sign));
  added.emplace_back("authorization", std::move(authorization));
  return added;
}

}  // namespace tintype::sigv4
