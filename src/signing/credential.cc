#include "signing/credential.h"

#include "base/hash.h"
#include "signing/text.h"

namespace tintype::sigv4 {
namespace {

Error bad_credential(std::string_view code, std::string_view why) {
  return invalid_error(std::string(code),
                       "The credential is malformed: " + std::string(why) +
                           " Expected "
                           "<access key id>/YYYYMMDD/REGION/SERVICE/aws4_request.");
}

}  // namespace

Result<std::string_view> parse_credential(std::string_view text, const ExpectedScope& expected) {
  auto parts = split(text, '/');
  auto bad = [&](std::string_view why) { return bad_credential(expected.error_code, why); };
  if (parts.size() != 5) return bad("it does not have five parts.");
  if (parts[0].empty()) return bad("the access key id is empty.");
  if (parts[1] != expected.amz_date.substr(0, 8)) return bad("its day is not the request's.");
  if (parts[2] != expected.region)
    return bad("the region is wrong; expecting '" + std::string(expected.region) + "'.");
  if (parts[3] != expected.service)
    return bad("the service is wrong; expecting '" + std::string(expected.service) + "'.");
  if (parts[4] != "aws4_request") return bad("it does not end with aws4_request.");
  return parts[0];
}

Result<Timestamp> parse_signature_date(std::string_view text, std::string_view error_code) {
  auto time = parse_amz_date(text);
  if (!time.ok())
    return invalid_error(std::string(error_code),
                         "The signature's date must be in the ISO 8601 form YYYYMMDDTHHMMSSZ.");
  return time;
}

Result<Credentials> find_credentials(std::string_view access_key_id, std::string_view session_token,
                                     const SecretLookup& lookup) {
  auto credentials = lookup(access_key_id);
  if (!credentials)
    return Error{ErrorKind::forbidden,
                 "InvalidAccessKeyId",
                 "The access key id that was provided does not exist.",
                 {}};
  if (!constant_time_equal(credentials->session_token, session_token))
    return invalid_error("InvalidToken", "The session token is not the one of this access key.");
  return *std::move(credentials);
}

Error signature_mismatch() {
  return {ErrorKind::forbidden,
          "SignatureDoesNotMatch",
          "The signature computed for the request is not the one provided. Check the key, the "
          "method and every signed header.",
          {}};
}

Error access_denied(std::string detail) {
  return {ErrorKind::forbidden, "AccessDenied", std::move(detail), {}};
}

}  // namespace tintype::sigv4
