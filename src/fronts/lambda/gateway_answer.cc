#include <strings.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "fronts/lambda/api_gateway.h"

namespace tintype {
namespace {

using Header = std::pair<std::string, std::string>;

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// The gateway counts and connects by itself; these must not come from a function.
bool is_left_out(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "Content-Length",    "Connection", "Keep-Alive", "Date",
      "Transfer-Encoding", "Upgrade",    "TE",         "Trailer"};
  return std::ranges::any_of(kNames, [&](auto other) { return same_name(name, other); });
}

struct HeaderValues {
  std::string name;
  std::vector<std::string> values;
};

// In order of their first appearance.
std::vector<HeaderValues> grouped(const std::vector<Header>& headers) {
  std::vector<HeaderValues> out;
  for (const auto& header : headers) {
    if (is_left_out(header.first)) continue;
    auto same = [&](const HeaderValues& known) { return same_name(known.name, header.first); };
    auto found = std::ranges::find_if(out, same);
    if (found == out.end()) out.push_back({header.first, {header.second}});
    else found->values.push_back(header.second);
  }
  return out;
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + value;
  return out;
}

void append_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.key(key).begin_array();
  for (const auto& value : values) json.string(value);
  json.end_array();
}

void append_headers_v1(JsonWriter& json, const std::vector<HeaderValues>& headers) {
  json.key("headers").begin_object();
  for (const auto& header : headers)
    if (header.values.size() == 1) json.key(header.name).string(header.values.front());
  json.end_object().key("multiValueHeaders").begin_object();
  for (const auto& header : headers)
    if (header.values.size() > 1) append_list(json, header.name, header.values);
  json.end_object();
}

void append_headers_v2(JsonWriter& json, const std::vector<HeaderValues>& headers) {
  const std::vector<std::string>* cookies = nullptr;
  json.key("headers").begin_object();
  for (const auto& header : headers) {
    if (same_name(header.name, "Set-Cookie")) cookies = &header.values;
    else json.key(header.name).string(joined(header.values));
  }
  json.end_object();
  if (cookies) append_list(json, "cookies", *cookies);
}

Result<std::string> read_file(const FileBody& file) {
  std::string bytes(file.length, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    auto at = static_cast<off_t>(file.offset + done);
    auto got = ::pread(file.fd->get(), bytes.data() + done, bytes.size() - done, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading an answer", errno);
    if (got == 0) return internal_error("an answer's file is shorter than it says");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<std::string> body_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* shared = std::get_if<SharedBody>(&response.body)) return **shared;
  return read_file(std::get<FileBody>(response.body));
}

// What goes as text is what is text for sure.
bool is_text(const Response& response, std::string_view body) {
  std::string_view type;
  for (const auto& [name, value] : response.headers)
    if (same_name(name, "Content-Type")) type = value;
  const bool textual = type.empty() || type.starts_with("text/") ||
                       type.find("json") != type.npos || type.find("xml") != type.npos ||
                       type.find("javascript") != type.npos;
  return textual && is_valid_utf8(body);
}

}  // namespace

Result<std::string> write_gateway_answer(GatewayFormat format, const Response& response,
                                         bool head) {
  const bool bodiless = head || response.status == 204 || response.status == 304;
  auto body = bodiless ? std::string() : TRY(body_of(response));
  const bool text = is_text(response, body);
  auto headers = grouped(response.headers);
  std::string out;
  out.reserve(body.size() + 1024);
  JsonWriter json(out);
  json.begin_object().key("statusCode").number(response.status);
  if (format == GatewayFormat::v1) append_headers_v1(json, headers);
  else append_headers_v2(json, headers);
  json.key("isBase64Encoded").boolean(!text);
  json.key("body").string(text ? body : base64_encode(body)).end_object();
  return out;
}

}  // namespace tintype
