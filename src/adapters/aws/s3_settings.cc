#include "adapters/aws/s3_settings.h"

#include <algorithm>
#include <array>

#include "signing/text.h"

namespace tintype {
namespace {

constexpr std::size_t kShortestBucket = 3;
constexpr std::size_t kLongestBucket = 63;

struct Partition {
  std::string_view region_prefix;
  std::string_view domain;
};
// GovCloud (us-gov-) has the common domain.
constexpr std::array<Partition, 5> kPartitions{{
    {"cn-", "amazonaws.com.cn"},
    {"us-iso-", "c2s.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov"},
    {"eusc-", "amazonaws.eu"},
    {"", "amazonaws.com"},
}};

Error bad_setting(std::string detail) {
  return invalid_error("invalid_setting", std::move(detail));
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Result<void> check_bucket(std::string_view bucket) {
  bool good = bucket.size() >= kShortestBucket && bucket.size() <= kLongestBucket &&
              is_lower_or_digit(bucket.front()) && is_lower_or_digit(bucket.back()) &&
              bucket.find("..") == std::string_view::npos &&
              std::ranges::all_of(
                  bucket, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
  if (good) return {};
  return bad_setting(
      "s3.bucket has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends "
      "with a letter or digit.");
}

// The region becomes part of a host's name and of a header.
Result<std::string> checked_region(const S3Settings& settings) {
  if (settings.region.empty() && !settings.endpoint.empty()) return std::string("us-east-1");
  bool good = !settings.region.empty() && std::ranges::all_of(settings.region, [](char c) {
    return is_lower_or_digit(c) || c == '-' || c == '_';
  });
  if (good) return settings.region;
  return bad_setting("aws.region is missing or malformed; it looks like \"eu-central-1\".");
}

Result<std::string> checked_endpoint(std::string_view name, std::string_view text) {
  std::string url = sigv4::ascii_lower(text);
  if (url.ends_with('/')) url.pop_back();
  const bool plain = url.starts_with("http://");
  const std::size_t scheme = plain ? 7 : url.starts_with("https://") ? 8 : std::string::npos;
  const bool good = scheme != std::string::npos && url.size() > scheme &&
                    url.find_first_of("/?#@ \t\r\n", scheme) == std::string::npos;
  if (!good) return bad_setting(std::string(name) + " must be http(s)://host[:port].");
  const std::string_view own_port = plain ? ":80" : ":443";
  if (url.ends_with(own_port)) url.resize(url.size() - own_port.size());
  return url;
}

S3Endpoint endpoint_of(const std::string& scheme_and_host, const std::string& bucket,
                       bool path_style) {
  if (path_style) return {scheme_and_host, "/" + bucket};
  const std::size_t host = scheme_and_host.find("://") + 3;
  return {scheme_and_host.substr(0, host) + bucket + "." + scheme_and_host.substr(host), {}};
}

}  // namespace

std::string aws_s3_host(std::string_view region) {
  const auto* partition = std::ranges::find_if(
      kPartitions, [&](const Partition& p) { return region.starts_with(p.region_prefix); });
  return "s3." + std::string(region) + "." + std::string(partition->domain);
}

Result<S3Location> locate_bucket(const S3Settings& settings) {
  S3Location location;
  TRY(check_bucket(settings.bucket));
  location.bucket = settings.bucket;
  location.region = TRY(checked_region(settings));
  location.at_aws = settings.endpoint.empty();
  std::string own = "https://" + aws_s3_host(location.region);
  if (!location.at_aws) own = TRY(checked_endpoint("s3.endpoint", settings.endpoint));
  std::string clients = own;
  if (!settings.public_endpoint.empty())
    clients = TRY(checked_endpoint("s3.public_endpoint", settings.public_endpoint));
  const bool has_dots = settings.bucket.find('.') != std::string::npos;
  const bool path_style = settings.path_style.value_or(!location.at_aws || has_dots);
  location.internal = endpoint_of(own, settings.bucket, path_style);
  location.for_client = endpoint_of(clients, settings.bucket, path_style);
  return location;
}

}  // namespace tintype
