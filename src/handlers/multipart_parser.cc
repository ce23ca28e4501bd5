#include "handlers/multipart_parser.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/encoding.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxHeaderBytes = 8192;
constexpr std::size_t kMaxBoundary = 70;  // RFC 2046 §5.1.1

Error malformed(std::string detail) {
  return invalid_error("invalid_multipart", std::move(detail));
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Reads a quoted string or a token from the front of `text`. In quoted form, browsers write `"` as
// %22 and leave backslashes alone (WHATWG HTML, multipart/form-data encoding); only `\"` is
// unescaped.
std::string take_value(std::string_view& text) {
  std::string value;
  if (text.empty() || text.front() != '"') {
    auto end = std::min(text.find(';'), text.size());
    value = trim(text.substr(0, end));
    text.remove_prefix(end);
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.starts_with("\\\"")) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

// The value of a parameter of a header such as `form-data; name="a"; filename="b"`.
std::optional<std::string> parameter(std::string_view header, std::string_view wanted) {
  auto rest = header.substr(std::min(header.find(';'), header.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto name = lower(trim(rest.substr(0, equals)));
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    if (name == wanted) return value;
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return std::nullopt;
}

Result<void> read_disposition(std::string_view value, PartHeaders& part) {
  if (lower(trim(value.substr(0, value.find(';')))) != "form-data")
    return malformed("A part's Content-Disposition must be form-data.");
  auto name = parameter(value, "name");
  if (!name || name->empty()) return malformed("A part has no name.");
  part.name = *name;
  part.filename = parameter(value, "filename");
  if (!is_valid_utf8(part.name) || (part.filename && !is_valid_utf8(*part.filename)))
    return malformed("A part's name or filename is not UTF-8.");
  return {};
}

Result<PartHeaders> parse_headers(std::string_view block) {
  PartHeaders part;
  while (!block.empty()) {
    auto line = block.substr(0, block.find("\r\n"));
    block.remove_prefix(std::min(line.size() + 2, block.size()));
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("A part's header has no colon.");
    auto name = lower(trim(line.substr(0, colon)));
    auto value = trim(line.substr(colon + 1));
    if (name == "content-disposition") TRY(read_disposition(value, part));
    if (name == "content-type") part.content_type = value;
  }
  if (part.name.empty()) return malformed("A part has no Content-Disposition.");
  return part;
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundary)
    return malformed("The Content-Type needs a boundary of 1 to 70 characters.");
  return *boundary;
}

MultipartParser::MultipartParser(std::string_view boundary, PartHandler& handler)
    : delimiter_("\r\n--" + std::string(boundary)), handler_(handler) {
  buffer_ = "\r\n";  // the first delimiter may stand at the very beginning
}

Result<void> MultipartParser::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (TRY(step())) {
  }
  return {};
}

Result<void> MultipartParser::finish() const {
  if (state_ != State::done) return malformed("The body ends before its closing boundary.");
  return {};
}

Result<bool> MultipartParser::step() {
  switch (state_) {
    case State::start: return take_start();
    case State::delimiter_end: return take_delimiter_end();
    case State::headers: return take_headers();
    case State::data: return take_data();
    case State::done: buffer_.clear(); return false;  // an epilogue means nothing
  }
  return false;
}

// A preamble is allowed and ignored, within reason.
Result<bool> MultipartParser::take_start() {
  auto at = buffer_.find(delimiter_);
  if (at == std::string::npos) {
    if (buffer_.size() > kMaxHeaderBytes)
      return malformed("The body does not begin with its boundary.");
    return false;
  }
  buffer_.erase(0, at + delimiter_.size());
  state_ = State::delimiter_end;
  return true;
}

Result<bool> MultipartParser::take_delimiter_end() {
  auto padding = std::min(buffer_.find_first_not_of(" \t"), buffer_.size());
  buffer_.erase(0, padding);
  if (buffer_.size() < 2) return false;
  if (buffer_.starts_with("--")) state_ = State::done;
  else if (buffer_.starts_with("\r\n")) state_ = State::headers;
  else return malformed("Something follows a boundary on its line.");
  // The CRLF stays for a part without headers, whose header block ends with it.
  if (state_ == State::done) buffer_.clear();
  return true;
}

Result<bool> MultipartParser::take_headers() {
  auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos || end > kMaxHeaderBytes) {
    if (buffer_.size() > kMaxHeaderBytes) return malformed("A part's headers exceed 8 KiB.");
    return false;
  }
  std::string_view block(buffer_);
  block = end < 2 ? std::string_view() : block.substr(2, end - 2);
  auto headers = TRY(parse_headers(block));
  TRY(handler_.on_part(headers));
  // The blank line's CRLF stays: an empty part's delimiter begins with it.
  buffer_.erase(0, end + 2);
  state_ = State::data;
  first_crlf_ = true;
  return true;
}

Result<bool> MultipartParser::take_data() {
  auto at = buffer_.find(delimiter_);
  std::size_t skip = first_crlf_ ? 2 : 0;
  if (at == std::string::npos) {
    std::size_t keep = delimiter_.size() - 1;
    if (buffer_.size() <= keep + skip) return false;
    std::size_t ready = buffer_.size() - keep;
    TRY(handler_.on_data(std::string_view(buffer_).substr(skip, ready - skip)));
    buffer_.erase(0, ready);
    first_crlf_ = false;
    return false;
  }
  if (at > skip) TRY(handler_.on_data(std::string_view(buffer_).substr(skip, at - skip)));
  TRY(handler_.on_part_end());
  buffer_.erase(0, at + delimiter_.size());
  state_ = State::delimiter_end;
  return true;
}

}  // namespace tintype
