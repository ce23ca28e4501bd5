// FakeS3: one bucket of the S3 API in memory, over HTTP, for tests: path style, signatures unread.
// Faults are answers of the test's own: see `interrupt`.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "support/fake_http_server.h"

namespace tintype::testing {

class FakeS3 {
 public:
  enum class When : std::uint8_t { before, after };
  // May answer in the bucket's stead, or after it, when its answer is lost. Empty: the connection
  // breaks. Nothing: the bucket's answer goes out.
  using Interruption = std::function<std::optional<std::string>(const FakeRequest&, When)>;

  explicit FakeS3(std::string bucket = "images", bool exists = true)
      : root_("/" + std::move(bucket)), exists_(exists) {}

  std::string url() const { return server_.url(); }
  FakeHttpServer& server() { return server_; }
  void interrupt(Interruption interruption) {
    std::lock_guard lock(mutex_);
    interruption_ = std::move(interruption);
  }
  // The next `count` requests are answered so, without effect.
  void fail_next(int count, std::string bytes) {
    auto left = std::make_shared<std::atomic<int>>(count);
    interrupt([left, bytes](auto&, When when) -> std::optional<std::string> {
      if (when == When::before && left->fetch_sub(1) > 0) return bytes;
      return std::nullopt;
    });
  }
  // The next `count` requests take effect, but their answers are lost.
  void lose_next(int count) {
    auto left = std::make_shared<std::atomic<int>>(count);
    interrupt([left](auto&, When when) -> std::optional<std::string> {
      if (when == When::after && left->fetch_sub(1) > 0) return "";
      return std::nullopt;
    });
  }
  void add(const std::string& key, std::string bytes) {
    std::lock_guard lock(mutex_);
    auto etag = hex_encode(md5(bytes));
    objects_[key] = {std::move(bytes), std::move(etag)};
  }
  std::vector<std::string> keys() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [key, object] : objects_) out.push_back(key);
    return out;
  }
  void remove_bucket() {
    std::lock_guard lock(mutex_);
    exists_ = false;
    objects_.clear();
  }
  bool exists() const {
    std::lock_guard lock(mutex_);
    return exists_;
  }
  // The configuration that was put, such as `cors`; empty for none.
  std::string configuration(const std::string& name) const {
    std::lock_guard lock(mutex_);
    const auto found = configurations_.find(name);
    return found == configurations_.end() ? "" : found->second;
  }
  void set_configuration(const std::string& name, std::string xml) {
    std::lock_guard lock(mutex_);
    configurations_[name] = std::move(xml);
  }
  void does_not_know(std::string configuration) {
    std::lock_guard lock(mutex_);
    unknown_ = std::move(configuration);
  }

  static std::string error(int status, const std::string& code, const std::string& more = {}) {
    return answer(status, "<?xml version=\"1.0\"?>\n<Error><Code>" + code +
                              "</Code><Message>secret words</Message>" + more + "</Error>");
  }

 private:
  struct Object {
    std::string bytes, etag;
    std::string headers() const {
      return "ETag: \"" + etag + "\"\r\nLast-Modified: Fri, 27 Nov 2026 08:00:00 GMT\r\n";
    }
  };
  using Query = std::map<std::string, std::string>;

  std::string serve(const FakeRequest& request) {
    std::lock_guard lock(mutex_);
    if (interruption_) {
      if (auto bytes = interruption_(request, When::before)) return *bytes;
    }
    auto bytes = route(request);
    if (interruption_) {
      if (auto other = interruption_(request, When::after)) return *other;
    }
    return bytes;
  }

  std::string route(const FakeRequest& request) {
    const auto mark = request.target.find('?');
    const std::string path = percent_decode(request.target.substr(0, mark)).value();
    const Query query =
        mark == std::string::npos ? Query() : parse_query(request.target.substr(mark + 1));
    if (path == root_) return on_bucket(request, query);
    if (!path.starts_with(root_ + "/")) return error(400, "InvalidURI");
    if (!exists_) return no_bucket(request);
    return on_object(request, path.substr(root_.size() + 1));
  }

  static Query parse_query(std::string_view text) {
    Query query;
    while (!text.empty()) {
      const auto part = text.substr(0, text.find('&'));
      const auto equals = part.find('=');
      query[percent_decode(part.substr(0, equals)).value()] =
          percent_decode(part.substr(equals + 1)).value();
      text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
    return query;
  }

  static std::string no_bucket(const FakeRequest& request) {
    return request.method == "HEAD" ? bare(404) : error(404, "NoSuchBucket");
  }
  static std::string bare(int status) { return answer(status, ""); }

  std::string on_bucket(const FakeRequest& request, const Query& query) {
    if (request.method == "PUT" && query.empty()) {
      if (exists_) return error(409, "BucketAlreadyOwnedByYou");
      exists_ = true;
      return bare(200);
    }
    if (!exists_) return no_bucket(request);
    if (request.method == "HEAD") return bare(200);
    if (query.contains("list-type")) return list(query);
    if (query.contains("delete")) return remove_several(request.body);
    if (query.size() == 1) return on_configuration(request, query.begin()->first);
    if (request.method != "DELETE") return error(400, "InvalidRequest");
    if (!objects_.empty()) return error(409, "BucketNotEmpty");
    exists_ = false;
    return bare(204);
  }

  std::string on_configuration(const FakeRequest& request, const std::string& name) {
    if (name == unknown_) return error(501, "NotImplemented");
    auto& xml = configurations_[name];
    if (request.method == "PUT") {
      if (request.header("content-md5") != base64_encode(md5(request.body)))
        return error(400, "BadDigest");
      xml = request.body;
      return bare(200);
    }
    if (request.method == "DELETE") {
      xml.clear();
      return "HTTP/1.1 204 x\r\n\r\n";
    }
    return xml.empty() ? error(404, "NoSuchConfiguration") : answer(200, xml);
  }

  std::string on_object(const FakeRequest& request, const std::string& key) {
    if (request.method == "PUT") return put(request, key);
    if (request.method == "DELETE") {
      objects_.erase(key);
      return "HTTP/1.1 204 x\r\n\r\n";
    }
    const auto found = objects_.find(key);
    if (found == objects_.end())
      return request.method == "HEAD" ? bare(404) : error(404, "NoSuchKey");
    const Object& object = found->second;
    if (request.method == "HEAD") {
      return "HTTP/1.1 200 x\r\nContent-Length: " + std::to_string(object.bytes.size()) + "\r\n" +
             object.headers() + "\r\n";
    }
    return get(object, request.header("range"));
  }

  static std::string get(const Object& object, const std::string& range) {
    if (range.empty()) return answer(200, object.bytes, object.headers());
    const auto dash = range.find('-');
    const auto first = std::stoull(range.substr(6, dash - 6));
    auto last = dash + 1 == range.size() ? UINT64_MAX : std::stoull(range.substr(dash + 1));
    if (first >= object.bytes.size()) return error(416, "InvalidRange");
    last = std::min<std::uint64_t>(last, object.bytes.size() - 1);
    return answer(206, object.bytes.substr(first, last - first + 1),
                  object.headers() + "Content-Range: bytes " + std::to_string(first) + "-" +
                      std::to_string(last) + "/" + std::to_string(object.bytes.size()) + "\r\n");
  }

  std::string put(const FakeRequest& request, const std::string& key) {
    const auto source = request.header("x-amz-copy-source");
    if (!source.empty()) return copy(request, percent_decode(source).value(), key);
    const auto digest = sha256(request.body);
    if (request.header("x-amz-content-sha256") != hex_encode(digest) ||
        request.header("x-amz-checksum-sha256") != base64_encode(digest))
      return error(400, "XAmzContentSHA256Mismatch");
    auto& object = objects_[key] = {request.body, hex_encode(md5(request.body))};
    return answer(200, "", "ETag: \"" + object.etag + "\"\r\n");
  }

  std::string copy(const FakeRequest& request, const std::string& source, const std::string& key) {
    const auto found = objects_.find(source.substr(root_.size() + 1));
    if (found == objects_.end()) return error(404, "NoSuchKey");
    if (source == root_ + "/" + key) return error(400, "InvalidRequest");
    const auto condition = request.header("x-amz-copy-source-if-match");
    if (!condition.empty() && condition != '"' + found->second.etag + '"')
      return error(412, "PreconditionFailed");
    const Object object = found->second;
    objects_[key] = object;
    return answer(200, "<?xml version=\"1.0\"?><CopyObjectResult><ETag>&quot;" + object.etag +
                           "&quot;</ETag></CopyObjectResult>");
  }

  std::string list(const Query& query) const {
    const auto value = [&](const char* name) {
      const auto found = query.find(name);
      return found == query.end() ? std::string() : found->second;
    };
    const auto prefix = value("prefix"), after = value("continuation-token");
    const auto limit = value("max-keys").empty() ? 1000 : std::stoul(value("max-keys"));
    std::string body = "<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType>";
    std::string last;
    std::size_t count = 0;
    for (auto at = after.empty() ? objects_.begin() : objects_.upper_bound(after);
         at != objects_.end(); ++at) {
      const auto& [key, object] = *at;
      if (!key.starts_with(prefix)) continue;
      if (!value("delimiter").empty() && key.find('/', prefix.size()) != std::string::npos)
        continue;
      if (count++ == limit) {
        body += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + escape(last) +
                "</NextContinuationToken>";
        break;
      }
      last = key;
      body += "<Contents><Key>" + percent_encode(key, true) + "</Key><Size>" +
              std::to_string(object.bytes.size()) + "</Size><ETag>&quot;" + object.etag +
              "&quot;</ETag><LastModified>2026-11-27T08:00:00.789Z</LastModified></Contents>";
    }
    return answer(200, body + "</ListBucketResult>");
  }

  static std::string escape(const std::string& text) {
    std::string out;
    for (char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
    return out;
  }

  // Keys in these bodies are plain enough to be found as text.
  std::string remove_several(const std::string& body) {
    std::size_t at = 0;
    while ((at = body.find("<Key>", at)) != std::string::npos) {
      const auto end = body.find("</Key>", at);
      objects_.erase(body.substr(at + 5, end - at - 5));
      at = end;
    }
    return answer(200, "<DeleteResult/>");
  }

  const std::string root_;
  mutable std::mutex mutex_;
  bool exists_;
  Interruption interruption_;
  std::string unknown_;
  std::map<std::string, Object> objects_;
  std::map<std::string, std::string> configurations_;
  FakeHttpServer server_{[this](const FakeRequest& request) { return serve(request); }};
};

}  // namespace tintype::testing
