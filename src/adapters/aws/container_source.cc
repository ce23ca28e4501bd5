#include "adapters/aws/container_source.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "adapters/aws/credential_json.h"
#include "adapters/aws/small_file.h"
#include "adapters/aws/small_request.h"
#include "signing/text.h"

namespace tintype {
namespace {

constexpr std::string_view kHost = "http://169.254.170.2";
constexpr std::size_t kMaxToken = 64 * 1024;
constexpr Patience kPatience{.tries = 3, .each = seconds(2)};
constexpr std::array<std::string_view, 5> kPlainHosts = {"localhost", "[::1]", "169.254.170.2",
                                                         "169.254.170.23", "[fd00:ec2::23]"};

// At most `most`, of digits alone and no leading zero, which some readers take for octal.
bool is_number(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = !text.empty() && text.front() != '-' && (text.front() != '0' || text == "0");
  return plain && error == std::errc() && end == text.data() + text.size() && value <= most;
}

bool is_loopback_v4(std::string_view host) {
  const auto parts = sigv4::split(host, '.');
  return parts.size() == 4 && parts.front() == "127" &&
         std::ranges::all_of(parts, [](auto part) { return is_number(part, 255); });
}

bool may_be_plain(std::string_view host) {
  return is_loopback_v4(host) || std::ranges::find(kPlainHosts, host) != kPlainHosts.end();
}

// `host` or `host:port`, written so plainly that no two readers can disagree on the host.
Result<std::string> host_of(std::string_view authority) {
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  const auto host = authority.substr(0, colon);
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:";
  const bool port_is_fine =
      colon == authority.npos || is_number(authority.substr(colon + 1), 65535);
  if (host.empty() || !port_is_fine || host.find_first_not_of(kAllowed) != host.npos)
    return source_failed("AWS_CONTAINER_CREDENTIALS_FULL_URI names no host");
  return sigv4::ascii_lower(host);
}

Result<std::string> checked_full_url(std::string_view url) {
  const bool secure = url.starts_with("https://");
  if ((!secure && !url.starts_with("http://")) || !is_visible_ascii(url))
    return source_failed("AWS_CONTAINER_CREDENTIALS_FULL_URI is not an http or https URL");
  const auto rest = url.substr(secure ? 8 : 7);
  const auto host = TRY(host_of(rest.substr(0, rest.find_first_of("/?#"))));
  if (!secure && !may_be_plain(host))
    return source_failed("AWS_CONTAINER_CREDENTIALS_FULL_URI asks " + sigv4::printable(host) +
                         " over plain http, which is allowed to this machine and the container "
                         "hosts' own addresses alone");
  return std::string(url);
}

Result<std::string> token_from(const std::string& path) {
  const auto text = read_small_file(path, kMaxToken);
  if (!text.ok()) return source_failed(text.error().detail);
  if (trim_blanks(*text).empty()) return source_failed(path + " is empty");
  return std::string(trim_blanks(*text));
}

// The value of the Authorization header: `Bearer x` has a space. Empty: none is sent.
Result<std::string> authorization(const AwsSurroundings& surroundings) {
  const auto file = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  auto token = file.empty() ? surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
                            : TRY(token_from(file));
  if (std::ranges::any_of(token, [](char c) { return c < ' ' || c == '\x7f'; }))
    return source_failed("the container's authorization token cannot stand in a header");
  return token;
}

}  // namespace

Result<std::string> container_url(std::string_view relative, std::string_view full) {
  if (relative.empty() && full.empty())
    return not_found_error(
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI "
        "is set");
  if (relative.empty()) return checked_full_url(full);
  if (!relative.starts_with('/') || !is_visible_ascii(relative))
    return source_failed("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path");
  return std::string(kHost) + std::string(relative);
}

Result<AwsCredentials> ContainerSource::fetch(Deadline deadline) const {
  HttpRequest request;
  request.url = TRY(container_url(surroundings_.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                                  surroundings_.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")));
  request.headers = {{"accept", "application/json"}};
  auto token = TRY(authorization(surroundings_));
  if (!token.empty()) request.headers.emplace_back("authorization", std::move(token));
  const auto answer = TRY(send_small(surroundings_, std::move(request), kPatience, deadline));
  if (answer.status != 200)
    return source_failed("it answered with status " + std::to_string(answer.status));
  return parse_service_credentials(answer.body);
}

}  // namespace tintype
