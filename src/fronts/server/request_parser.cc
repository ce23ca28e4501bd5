#include "fronts/server/request_parser.h"

#include <strings.h>

#include <boost/beast/http/basic_parser.hpp>

#include "fronts/server/request_target.h"

namespace tintype {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

std::string_view to_std(string_view text) { return {text.data(), text.size()}; }

bool equal_nocase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Method to_method(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::get;
    case http::verb::head: return Method::head;
    case http::verb::post: return Method::post;
    case http::verb::put: return Method::put;
    case http::verb::patch: return Method::patch;
    case http::verb::delete_: return Method::delete_;
    case http::verb::options: return Method::options;
    default: return Method::other;
  }
}

// Collects the head into a Request.
class Collector final : public http::basic_parser<true> {
 public:
  Collector(Request& request, std::size_t header_limit)
      : request_(&request), header_limit_(header_limit) {
    body_limit(boost::none);
  }

  std::string_view target;
  int version = 11;
  int hosts = 0;
  int transfer_encodings = 0;
  bool only_chunked = false;
  bool other_expectation = false;
  bool expects_continue = false;
  bool too_many_headers = false;

 private:
  void on_request_impl(http::verb verb, string_view method, string_view text, int number,
                       error_code&) override {
    request_->method = to_method(verb);
    request_->method_text = to_std(method);
    target = to_std(text);
    version = number;
  }

  void on_field_impl(http::field name, string_view name_text, string_view value,
                     error_code& ec) override {
    if (request_->headers.size() >= header_limit_) {
      too_many_headers = true;
      ec = http::error::header_limit;
      return;
    }
    request_->headers.emplace_back(to_std(name_text), to_std(value));
    note(name, to_std(value));
  }

  void note(http::field name, std::string_view value) {
    if (name == http::field::host) {
      ++hosts;
    } else if (name == http::field::transfer_encoding) {
      ++transfer_encodings;
      only_chunked = equal_nocase(value, "chunked");
    } else if (name == http::field::expect) {
      (equal_nocase(value, "100-continue") ? expects_continue : other_expectation) = true;
    }
  }

  // Beast is given the head alone and never gets to a body.
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

  Request* request_;
  std::size_t header_limit_;
};

Refusal malformed(std::string_view detail) { return {400, "malformed_request", detail}; }

Refusal refusal_for(const error_code& ec) {
  if (ec == http::error::bad_version)
    return {505, "http_version_unsupported", "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
  if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length)
    return malformed("Content-Length must be one number, and not come with Transfer-Encoding.");
  if (ec == http::error::bad_transfer_encoding)
    return malformed("Transfer-Encoding must be given once, and not with Content-Length.");
  if (ec == http::error::bad_method) return malformed("The method is not a token.");
  if (ec == http::error::bad_target) return malformed("The request target is malformed.");
  return malformed("A header is malformed.");
}

std::optional<Refusal> check(const Collector& parsed) {
  if (parsed.transfer_encodings > 0) {
    if (parsed.version < 11) return malformed("Transfer-Encoding needs HTTP/1.1.");
    if (parsed.transfer_encodings > 1 || !parsed.only_chunked)
      return Refusal{501, "transfer_encoding_unsupported",
                     "The only Transfer-Encoding understood is chunked."};
  }
  if (parsed.hosts > 1) return malformed("There is more than one Host header.");
  if (parsed.hosts == 0 && parsed.version >= 11) return malformed("The Host header is missing.");
  if (parsed.other_expectation)
    return Refusal{417, "expectation_failed", "The only expectation met is 100-continue."};
  return std::nullopt;
}

void replace_host(Request& request, std::string_view authority) {
  for (auto& [name, value] : request.headers)
    if (equal_nocase(name, "host")) value = authority;
}

}  // namespace

std::optional<Refusal> parse_request_head(std::string_view head, std::size_t header_count_limit,
                                          Request& request, RequestTraits& traits) {
  request.headers.clear();
  request.content_length.reset();
  request.chunked = false;
  Collector parsed(request, header_count_limit);
  parsed.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  error_code ec;
  parsed.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (parsed.too_many_headers) return Refusal{431, "headers_too_large", "Too many headers."};
  if (ec && ec != http::error::need_more) return refusal_for(ec);
  if (!parsed.is_header_done()) return malformed("The request head is malformed.");
  if (auto refusal = check(parsed)) return refusal;
  auto target = parse_request_target(parsed.target, request.method == Method::options);
  if (!target) return malformed("The request target must start with a slash.");
  request.raw_path = target->path;
  request.raw_query = target->query;
  if (!target->authority.empty()) replace_host(request, target->authority);
  request.chunked = parsed.chunked();
  if (auto length = parsed.content_length()) request.content_length = *length;
  traits.http11 = parsed.version >= 11;
  traits.keep_alive = parsed.keep_alive();
  traits.expects_continue = parsed.expects_continue && traits.http11;
  return std::nullopt;
}

}  // namespace tintype
