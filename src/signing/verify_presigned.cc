#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/hash.h"
#include "signing/credential.h"
#include "signing/presign.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

constexpr std::string_view kParameterError = "AuthorizationQueryParametersError";
// How far a signer's clock may run ahead of ours; S3 allows the same.
constexpr std::chrono::minutes kClockSkew{15};

// The parameters that carry the signature. All but the token are required.
struct SignatureParameters {
  std::string algorithm, credential, date, expires, signed_headers, signature;
  std::string security_token;
};

Error bad_parameter(std::string detail) {
  return invalid_error(std::string(kParameterError), std::move(detail));
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  auto decoded = percent_decode(text, plus_is_space);
  if (!decoded.ok()) return invalid_error("InvalidURI", "The URI is not properly encoded.");
  return decoded;
}

Result<NameValues> parse_query(std::string_view raw) {
  NameValues out;
  for (std::string_view piece : split(raw, '&')) {
    if (piece.empty()) continue;
    std::size_t at = piece.find('=');
    std::string name = TRY(decode(piece.substr(0, at), true));
    std::string value;
    if (at != std::string_view::npos) value = TRY(decode(piece.substr(at + 1), true));
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

bool is_amz_name(std::string_view name) { return equal_ignoring_case(name.substr(0, 6), "x-amz-"); }

// A parameter that appears twice could mean one thing to the signer and another to us.
Result<void> refuse_repeated_parameters(const NameValues& query) {
  std::vector<std::string> names;
  for (const auto& [name, value] : query)
    if (is_amz_name(name)) names.push_back(ascii_lower(name));
  if (names.empty()) return access_denied("The request has no signature.");
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end())
    return bad_parameter("An X-Amz- parameter appears more than once.");
  return {};
}

// Moves the parameters of the signature out of `query`.
Result<SignatureParameters> take_parameters(NameValues& query) {
  TRY(refuse_repeated_parameters(query));
  SignatureParameters out;
  const std::array<std::pair<std::string_view, std::string*>, 7> slots{{
      {"X-Amz-Algorithm", &out.algorithm},
      {"X-Amz-Credential", &out.credential},
      {"X-Amz-Date", &out.date},
      {"X-Amz-Expires", &out.expires},
      {"X-Amz-SignedHeaders", &out.signed_headers},
      {"X-Amz-Signature", &out.signature},
      {"X-Amz-Security-Token", &out.security_token},
  }};
  std::erase_if(query, [&](auto& parameter) {
    auto slot = std::find_if(slots.begin(), slots.end(),
                             [&](const auto& s) { return s.first == parameter.first; });
    if (slot == slots.end()) return false;
    *slot->second = std::move(parameter.second);
    return true;
  });
  for (const auto& [name, value] : slots)
    if (value->empty() && value != &out.security_token)
      return bad_parameter("The parameter " + std::string(name) + " is missing.");
  return out;
}

Result<seconds> parse_lifetime(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return bad_parameter("X-Amz-Expires must be a number.");
  if (value < 1 || value > kMaxPresignLifetime.count())
    return bad_parameter("X-Amz-Expires must be between 1 and 604800 seconds.");
  return seconds(value);
}

Result<std::vector<std::string>> parse_signed_headers(std::string_view text) {
  std::vector<std::string> names;
  for (std::string_view name : split(text, ';')) {
    if (name.empty() || ascii_lower(name) != name || (!names.empty() && name <= names.back()))
      return bad_parameter("X-Amz-SignedHeaders must be lower-case names in order, joined by `;`.");
    names.emplace_back(name);
  }
  if (!std::binary_search(names.begin(), names.end(), "host"))
    return bad_parameter("X-Amz-SignedHeaders must contain host.");
  return names;
}

// The signed headers with the request's values. Headers beside them may be added by anyone on the
// way, except `x-amz-*`, which change what a request means.
Result<NameValues> collect_headers(const SignedRequest& request,
                                   const std::vector<std::string>& signed_names) {
  NameValues out;
  for (const auto& [name, value] : request.headers) {
    std::string lower = ascii_lower(name);
    if (std::binary_search(signed_names.begin(), signed_names.end(), lower)) {
      out.emplace_back(std::move(lower), value);
    } else if (is_amz_name(lower)) {
      return access_denied("The header " + printable(lower) +
                           " is present in the request but not signed.");
    } else if (lower == "authorization") {
      return invalid_error("InvalidArgument", "Only one way to sign is allowed at a time.");
    }
  }
  for (const auto& name : signed_names) {
    auto has_name = [&](const auto& header) { return header.first == name; };
    if (std::none_of(out.begin(), out.end(), has_name)) {
      Error error = signature_mismatch();
      error.detail = "The signed header " + printable(name) + " is missing from the request.";
      return error;
    }
  }
  return out;
}

// The query as it was signed: everything but the signature.
NameValues signed_query(const NameValues& others, const SignatureParameters& parameters) {
  NameValues out = others;
  out.emplace_back("X-Amz-Algorithm", parameters.algorithm);
  out.emplace_back("X-Amz-Credential", parameters.credential);
  out.emplace_back("X-Amz-Date", parameters.date);
  out.emplace_back("X-Amz-Expires", parameters.expires);
  out.emplace_back("X-Amz-SignedHeaders", parameters.signed_headers);
  if (!parameters.security_token.empty())
    out.emplace_back("X-Amz-Security-Token", parameters.security_token);
  return out;
}

Result<void> check_time(const VerifiedUrl& url, Timestamp now) {
  if (url.signed_at > now + kClockSkew) return access_denied("Request is not yet valid");
  if (now >= url.expires_at) return access_denied("Request has expired");
  return {};
}

}  // namespace

Result<VerifiedUrl> verify_presigned(const SignedRequest& request, std::string_view region,
                                     std::string_view service, Timestamp now,
                                     const SecretLookup& lookup) {
  VerifiedUrl url;
  url.query = TRY(parse_query(request.raw_query));
  const SignatureParameters parameters = TRY(take_parameters(url.query));
  url.path = TRY(decode(request.raw_path, false));
  if (parameters.algorithm != kAlgorithm)
    return bad_parameter("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  url.signed_at = TRY(parse_signature_date(parameters.date, kParameterError));
  auto access_key_id = TRY(
      parse_credential(parameters.credential, {region, service, parameters.date, kParameterError}));
  url.expires_at = url.signed_at + TRY(parse_lifetime(parameters.expires));
  url.signed_headers = TRY(parse_signed_headers(parameters.signed_headers));
  TRY(check_time(url, now));

  NameValues headers = TRY(collect_headers(request, url.signed_headers));
  Credentials credentials = TRY(find_credentials(access_key_id, parameters.security_token, lookup));
  CanonicalInput input{std::string(request.method), url.path, signed_query(url.query, parameters),
                       std::move(headers), std::string(kUnsignedPayload)};
  Scope scope{url.signed_at, std::string(region), std::string(service)};
  std::string to_sign = string_to_sign(scope, canonical_request(input, service != "s3"));
  if (!constant_time_equal(signature(credentials, scope, to_sign), parameters.signature))
    return signature_mismatch();
  return url;
}

}  // namespace tintype::sigv4
