// Where a bucket is: from the settings to the URL that its requests go to. Pure functions.
//
// Source: "Virtual hosting of buckets" and "Amazon S3 endpoints and quotas" of the AWS
// documentation. The regional host is used throughout: the global one answers with redirects, which
// break signatures and CORS preflights.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace tintype {

struct S3Settings {
  std::string bucket;
  std::string region;           // empty with an `endpoint`: `us-east-1`, which such servers expect
  std::string endpoint;         // `http://rgw.internal:7480`; empty: AWS
  std::string public_endpoint;  // what clients reach the same server by; empty: `endpoint`
  // Whether the bucket stands in the path instead of the host's name. By default it does with an
  // `endpoint` of one's own (no DNS entry for each bucket is needed), and at AWS for a bucket with
  // dots in its name (the certificate would not match).
  std::optional<bool> path_style;
};

// One bucket as seen through one endpoint.
struct S3Endpoint {
  // As clients send it in `Host`: lower case, without the scheme's own port.
  std::string scheme_and_host;
  std::string path_prefix;  // `/bucket` in path style, else empty

  std::string bucket_path() const { return path_prefix.empty() ? "/" : path_prefix; }
  std::string object_path(std::string_view key) const {
    return path_prefix + "/" + std::string(key);
  }
};

// The settings, checked and completed. Errors: `invalid` with code `invalid_setting` for a bucket's
// name that S3 does not allow, an endpoint that is not `http(s)://host[:port]`, and AWS without a
// region.
struct S3Location {
  std::string bucket;
  std::string region;
  bool at_aws = false;
  S3Endpoint internal;    // for our own requests
  S3Endpoint for_client;  // for presigned URLs
};
Result<S3Location> locate_bucket(const S3Settings& settings);

// `s3.eu-central-1.amazonaws.com`, with the domain of the region's partition.
std::string aws_s3_host(std::string_view region);

}  // namespace tintype
