#include "adapters/aws/s3_errors.h"

#include <algorithm>
#include <array>

namespace tintype {
namespace {

enum class Meaning : std::uint8_t {
  busy,
  missing,
  changed,
  bad_range,
  too_large,
  full,
  bad_credentials,
  denied,
  no_bucket,
  wrong_region,
  wrong_clock,
  broken,
};

struct Rule {
  std::string_view code;
  Verdict verdict;
  Meaning meaning;
};
constexpr std::array<Rule, 41> kByCode{{
    {"SlowDown", Verdict::throttled, Meaning::busy},
    {"SlowDownRead", Verdict::throttled, Meaning::busy},
    {"SlowDownWrite", Verdict::throttled, Meaning::busy},
    {"ServiceUnavailable", Verdict::throttled, Meaning::busy},
    {"Throttling", Verdict::throttled, Meaning::busy},
    {"ThrottlingException", Verdict::throttled, Meaning::busy},
    {"RequestLimitExceeded", Verdict::throttled, Meaning::busy},
    {"RequestThrottled", Verdict::throttled, Meaning::busy},
    {"TooManyRequests", Verdict::throttled, Meaning::busy},
    {"InternalError", Verdict::again, Meaning::busy},
    {"RequestTimeout", Verdict::again, Meaning::busy},
    {"OperationAborted", Verdict::again, Meaning::busy},
    {"ConditionalRequestConflict", Verdict::again, Meaning::busy},
    {"IncompleteBody", Verdict::again, Meaning::busy},
    {"RequestTimeTooSkewed", Verdict::skewed, Meaning::wrong_clock},
    {"ExpiredToken", Verdict::expired, Meaning::bad_credentials},
    {"TokenRefreshRequired", Verdict::expired, Meaning::bad_credentials},
    {"InvalidToken", Verdict::expired, Meaning::bad_credentials},
    {"InvalidAccessKeyId", Verdict::final, Meaning::bad_credentials},
    {"SignatureDoesNotMatch", Verdict::final, Meaning::bad_credentials},
    {"AccessDenied", Verdict::final, Meaning::denied},
    {"AllAccessDisabled", Verdict::final, Meaning::denied},
    {"AccountProblem", Verdict::final, Meaning::denied},
    {"NotSignedUp", Verdict::final, Meaning::denied},
    {"NoSuchBucket", Verdict::final, Meaning::no_bucket},
    {"NoSuchKey", Verdict::final, Meaning::missing},
    {"PreconditionFailed", Verdict::final, Meaning::changed},
    {"InvalidRange", Verdict::final, Meaning::bad_range},
    {"EntityTooLarge", Verdict::final, Meaning::too_large},
    {"QuotaExceeded", Verdict::final, Meaning::full},
    {"XMinioStorageFull", Verdict::final, Meaning::full},
    {"XMinioAdminBucketQuotaExceeded", Verdict::final, Meaning::full},
    {"PermanentRedirect", Verdict::final, Meaning::wrong_region},
    {"TemporaryRedirect", Verdict::final, Meaning::wrong_region},
    {"AuthorizationHeaderMalformed", Verdict::final, Meaning::wrong_region},
    {"IllegalLocationConstraintException", Verdict::final, Meaning::wrong_region},
    {"InvalidLocationConstraint", Verdict::final, Meaning::wrong_region},
    {"BucketAlreadyExists", Verdict::final, Meaning::denied},
    {"BucketAlreadyOwnedByYou", Verdict::final, Meaning::broken},
    {"BucketNotEmpty", Verdict::final, Meaning::broken},
    {"NotImplemented", Verdict::final, Meaning::broken},
}};

// Answers without a known code. Those to HEAD have no body, so that a wrong clock looks like a
// refusal and an expired token like a malformed request: each is worth the one correction that
// AwsClient allows.
Rule by_status(const HttpResponse& response) {
  const bool bare = response.body.empty();
  switch (response.status) {
    case 301:
    case 307:
    case 308: return {{}, Verdict::final, Meaning::wrong_region};
    case 400:
      if (response.header("x-amz-bucket-region"))
        return {{}, Verdict::final, Meaning::wrong_region};
      if (bare) return {{}, Verdict::expired, Meaning::bad_credentials};
      return {{}, Verdict::final, Meaning::broken};
    case 401:
    case 403: return {{}, bare ? Verdict::skewed : Verdict::final, Meaning::denied};
    case 404: return {{}, Verdict::final, Meaning::missing};
    case 409: return {{}, Verdict::again, Meaning::busy};
    case 412: return {{}, Verdict::final, Meaning::changed};
    case 416: return {{}, Verdict::final, Meaning::bad_range};
    case 408:
    case 500:
    case 502:
    case 504: return {{}, Verdict::again, Meaning::busy};
    case 429:
    case 503: return {{}, Verdict::throttled, Meaning::busy};
    case 507: return {{}, Verdict::final, Meaning::full};
    default: return {{}, Verdict::final, Meaning::broken};
  }
}

const Rule* by_code(std::string_view code) {
  const auto* found = std::ranges::find(kByCode, code, &Rule::code);
  return found == kByCode.end() ? nullptr : found;
}

Error operators_error(std::string code, std::string detail) {
  return {ErrorKind::unavailable, std::move(code), std::move(detail), {}};
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

Error wrong_region(const S3Place& place, std::string_view actual) {
  std::string detail = "The bucket " + quoted(place.bucket) + " is not in the region " +
                       quoted(place.region) + " but in " +
                       (actual.empty() ? "another one" : quoted(actual)) + ": set aws.region";
  detail += actual.empty() ? " to the bucket's." : " to that.";
  return operators_error("s3_wrong_region", std::move(detail));
}

// `code` is S3's word, or `HTTP 403` where there is none.
Error error_of(Meaning meaning, const std::string& code, const S3Place& place,
               std::string_view actual_region) {
  const std::string by = " (" + code + ").";
  switch (meaning) {
    case Meaning::busy:
      return operators_error("s3_busy", "The object store cannot answer now" + by);
    case Meaning::missing: return not_found_error("There is no such object.");
    case Meaning::changed:
      return {ErrorKind::stale, "revision_mismatch", "The object has changed meanwhile.", {}};
    case Meaning::bad_range:
      return invalid_error("invalid_range", "The range selects no byte of the object.");
    case Meaning::too_large:
      return invalid_error("entity_too_large", "The body is larger than the object store allows.");
    case Meaning::full: return storage_full_error("The object store is full" + by);
    case Meaning::bad_credentials:
      return operators_error("s3_bad_credentials",
                             "The object store does not accept the access key, its secret or its "
                             "session token" +
                                 by);
    case Meaning::denied:
      return operators_error("s3_access_denied",
                             "The object store refuses the request: the access key or its policy "
                             "does not allow it on the bucket " +
                                 quoted(place.bucket) + by);
    case Meaning::no_bucket:
      return operators_error("s3_no_bucket", "There is no bucket " + quoted(place.bucket) +
                                                 ": set s3.bucket, or make it with `tintype aws "
                                                 "init`.");
    case Meaning::wrong_region: return wrong_region(place, actual_region);
    case Meaning::wrong_clock:
      return operators_error("s3_clock_skew",
                             "The clock differs too much from the object store's: set it right.");
    case Meaning::broken: break;
  }
  return internal_error("The object store refused a request as wrong" + by);
}

}  // namespace

std::string s3_code(const HttpResponse& response) { return parse_error_body(response.body).code; }

Verdict judge_s3(const HttpResponse& response) {
  if (response.status / 100 == 2) return Verdict::final;
  const Rule* rule = by_code(s3_code(response));
  return rule ? rule->verdict : by_status(response).verdict;
}

Verdict judge_s3_copy(const HttpResponse& response) {
  if (response.status / 100 != 2) return judge_s3(response);
  if (copy_result_etag(response.body)) return Verdict::final;
  const Rule* rule = by_code(s3_code(response));
  return rule ? rule->verdict : Verdict::again;
}

Verdict judge_s3_delete(const HttpResponse& response) {
  if (response.status / 100 != 2) return judge_s3(response);
  const auto failures = parse_delete_failures(response.body);
  if (!failures.ok() || failures->empty()) return Verdict::final;
  const Rule* rule = by_code(failures->front());
  return rule ? rule->verdict : Verdict::final;
}

Error s3_error(const HttpResponse& response, const S3Place& place) {
  const S3ErrorBody body = parse_error_body(response.body);
  const auto header = response.header("x-amz-bucket-region");
  const std::string region = header ? s3_word(*header) : body.region;
  const Rule* rule = by_code(body.code);
  Meaning meaning = rule ? rule->meaning : by_status(response).meaning;
  // The same code stands for an access key with impossible characters.
  if (body.code == "AuthorizationHeaderMalformed" && region.empty())
    meaning = Meaning::bad_credentials;
  const std::string word =
      body.code.empty() ? "HTTP " + std::to_string(response.status) : body.code;
  return error_of(meaning, word, place, region == place.region ? std::string() : region);
}

Error s3_code_error(std::string_view code, const S3Place& place) {
  const Rule* rule = by_code(code);
  return error_of(rule ? rule->meaning : Meaning::busy, std::string(code), place, {});
}

}  // namespace tintype
