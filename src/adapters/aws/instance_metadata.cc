#include "adapters/aws/instance_metadata.h"

#include "adapters/aws/credential_source.h"
#include "adapters/aws/small_request.h"
#include "signing/text.h"

namespace tintype {
namespace {

constexpr Patience kPatience{.tries = 2, .each = seconds(1)};

std::string endpoint_of(const AwsSurroundings& surroundings) {
  auto own = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  while (own.ends_with('/')) own.pop_back();
  if (!own.empty()) return own;
  const auto mode = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
  return sigv4::ascii_lower(mode) == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

Error unexpected(const HttpResponse& response) {
  return source_failed("it answered with status " + std::to_string(response.status));
}

}  // namespace

Result<InstanceMetadata> InstanceMetadata::open(const AwsSurroundings& surroundings,
                                                Deadline deadline) {
  if (sigv4::ascii_lower(surroundings.variable("AWS_EC2_METADATA_DISABLED")) == "true")
    return not_found_error("AWS_EC2_METADATA_DISABLED is true");
  auto endpoint = endpoint_of(surroundings);
  HttpRequest request;
  request.method = "PUT";
  request.url = endpoint + "/latest/api/token";
  request.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
  const auto answer = TRY(send_small(surroundings, std::move(request), kPatience, deadline));
  if (answer.status != 200) return unexpected(answer);
  const auto token = trim_blanks(answer.body);
  if (token.empty() || !is_visible_ascii(token))
    return source_failed("it answered with something that is no token");
  return InstanceMetadata(surroundings, std::move(endpoint), std::string(token));
}

Result<std::string> InstanceMetadata::get(const std::string& path, Deadline deadline) const {
  HttpRequest request;
  request.url = endpoint_ + "/latest/meta-data/" + path;
  request.headers = {{"x-aws-ec2-metadata-token", token_}};
  const auto answer = TRY(send_small(*surroundings_, std::move(request), kPatience, deadline));
  if (answer.status == 404) return not_found_error("it has no " + path);
  if (answer.status != 200) return unexpected(answer);
  return std::string(trim_blanks(answer.body));
}

}  // namespace tintype
