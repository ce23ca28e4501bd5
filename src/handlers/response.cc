#include "handlers/response.h"

#include <charconv>

namespace tintype {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `use` with each tag of a list of entity tags. Tintype's tags hold no commas.
template <typename Use>
void each_tag(std::string_view list, Use use) {
  while (!list.empty()) {
    auto comma = list.find(',');
    auto tag = trim(list.substr(0, comma));
    if (!tag.empty()) use(tag);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// The revision in a strong tag such as `"12"`, or -1, which no image has.
std::int64_t revision_of(std::string_view tag) {
  std::int64_t revision = -1;
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return -1;
  auto digits = tag.substr(1, tag.size() - 2);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), revision);
  return error == std::errc() && end == digits.data() + digits.size() ? revision : -1;
}

}  // namespace

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  return response;
}

std::string revision_etag(const ImageMetadata& image) {
  return "\"" + std::to_string(image.revision) + "\"";
}

bool if_none_match(const Request& request, std::string_view etag) {
  auto header = request.header("if-none-match");
  if (!header) return false;
  bool found = false;
  each_tag(*header, [&](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    found = found || tag == "*" || tag == etag;
  });
  return found;
}

Result<std::optional<std::int64_t>> if_match_revision(const ServiceContext& context,
                                                      const Request& request, const ImageId& id) {
  auto header = request.header("if-match");
  if (!header) return std::optional<std::int64_t>();
  std::vector<std::int64_t> revisions;
  bool any = false;
  each_tag(*header, [&](std::string_view tag) {
    any = any || tag == "*";
    revisions.push_back(revision_of(tag));
  });
  if (any) return std::optional<std::int64_t>();
  if (revisions.size() == 1) return std::optional<std::int64_t>(revisions.front());
  auto image = TRY(context.metadata.get(id));
  bool listed = std::find(revisions.begin(), revisions.end(), image.revision) != revisions.end();
  return std::optional<std::int64_t>(listed ? image.revision : -1);
}

}  // namespace tintype
