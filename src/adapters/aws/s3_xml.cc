#include "adapters/aws/s3_xml.h"

#include <algorithm>
#include <charconv>

#include "adapters/aws/xml_tree.h"
#include "base/encoding.h"

namespace tintype {
namespace {

constexpr std::size_t kLongestWord = 64;

Error not_understood(std::string_view what) {
  return internal_error("S3's answer to " + std::string(what) + " is not understood");
}

Result<Timestamp> whole_seconds(Result<Timestamp> time) {
  if (!time.ok()) return not_understood("a question for a time");
  return Timestamp(std::chrono::floor<seconds>(*time));
}

Result<ObjectInfo> parse_contents(const XmlElement& element, bool encoded) {
  ObjectInfo info;
  info.key = element.text_of("Key");
  if (encoded) {
    auto decoded = percent_decode(info.key, true);
    if (!decoded.ok()) return not_understood("a listing");
    info.key = std::move(*decoded);
  }
  const std::string_view size = element.text_of("Size");
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), info.size);
  if (info.key.empty() || error != std::errc() || end != size.data() + size.size())
    return not_understood("a listing");
  info.etag = unquoted_etag(element.text_of("ETag"));
  info.modified = TRY(parse_s3_list_time(element.text_of("LastModified")));
  return info;
}

}  // namespace

std::string s3_word(std::string_view text) {
  const bool plain = text.size() <= kLongestWord && std::ranges::all_of(text, [](char c) {
                       return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              (c >= '0' && c <= '9') || c == '-';
                     });
  return plain ? std::string(text) : std::string();
}

std::string unquoted_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
    etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

Result<Timestamp> parse_s3_header_time(std::string_view text) {
  return whole_seconds(parse_http_date(text));
}

Result<Timestamp> parse_s3_list_time(std::string_view text) {
  return whole_seconds(parse_rfc3339(text));
}

Result<S3ListPage> parse_list_objects(std::string_view body) {
  const auto root = parse_xml(body);
  if (!root.ok() || root->name != "ListBucketResult") return not_understood("a listing");
  // Servers that do not know `encoding-type` send the keys as they are and say nothing.
  const bool encoded = root->text_of("EncodingType") == "url";
  S3ListPage page;
  for (const XmlElement& element : root->children) {
    if (element.name == "Contents") page.objects.push_back(TRY(parse_contents(element, encoded)));
  }
  if (root->text_of("IsTruncated") != "true") return page;
  page.next_token = root->text_of("NextContinuationToken");
  if (page.next_token.empty()) return not_understood("a listing");
  return page;
}

S3ErrorBody parse_error_body(std::string_view body) {
  if (body.empty()) return {};
  const auto root = parse_xml(body);
  if (!root.ok()) return {};
  // Some servers wrap the error, as other AWS services do.
  const XmlElement* error = root->name == "Error" ? &*root : root->child("Error");
  if (!error) return {};
  return {s3_word(error->text_of("Code")), s3_word(error->text_of("Region"))};
}

std::optional<std::string> copy_result_etag(std::string_view body) {
  const auto root = parse_xml(body);
  if (!root.ok() || root->name != "CopyObjectResult" || !root->child("ETag")) return std::nullopt;
  return unquoted_etag(root->text_of("ETag"));
}

std::string delete_objects_body(const std::vector<std::string>& keys) {
  XmlElement root{"Delete", {}, {{"Quiet", "true", {}}}};
  for (const std::string& key : keys) root.children.push_back({"Object", {}, {{"Key", key, {}}}});
  return to_xml(root);
}

Result<std::vector<std::string>> parse_delete_failures(std::string_view body) {
  const auto root = parse_xml(body);
  if (!root.ok() || root->name != "DeleteResult") return not_understood("a removal");
  std::vector<std::string> codes;
  for (const XmlElement& element : root->children) {
    if (element.name != "Error" || element.text_of("Code") == "NoSuchKey") continue;
    codes.push_back(s3_word(element.text_of("Code")));
  }
  return codes;
}

}  // namespace tintype
