#include "adapters/aws/s3_object_store.h"

#include <algorithm>
#include <charconv>

#include "adapters/aws/s3_objects.h"
#include "adapters/aws/s3_writer.h"
#include "adapters/aws/s3_xml.h"
#include "base/deadline_scope.h"
#include "base/encoding.h"
#include "ports/object_rules.h"

namespace tintype {
namespace {

// Servers read offsets as signed numbers of 64 bits.
constexpr std::uint64_t kLargestOffset = INT64_MAX;

Error not_understood() { return internal_error("S3's answer about an object is not understood"); }

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size()) return not_understood();
  return size;
}

// What every answer about an object says beside its size.
Result<ObjectInfo> info_of(std::string_view key, std::uint64_t size, const HttpResponse& response) {
  const auto etag = response.header("etag");
  const auto modified = response.header("last-modified");
  if (!etag || !modified) return not_understood();
  const Timestamp time = TRY(parse_s3_header_time(*modified));
  return ObjectInfo{std::string(key), size, unquoted_etag(*etag), time};
}

std::string range_header(const ByteRange& range) {
  std::string text = "bytes=" + std::to_string(range.first) + "-";
  if (range.last <= kLargestOffset) text += std::to_string(range.last);
  return text;
}

bool can_be_sent(const ByteRange& range) {
  return range.first <= range.last && range.first <= kLargestOffset;
}

// False for prefixes that no good key begins with, such as `../`; MinIO refuses them.
bool may_have_objects(std::string_view prefix) {
  const auto slash = prefix.rfind('/');
  return slash == prefix.npos || check_object_key(prefix.substr(0, slash)).ok();
}

// The size of the whole object, from `bytes 3-5/10`.
Result<std::uint64_t> size_in_content_range(const HttpResponse& response) {
  const auto text = response.header("content-range").value_or("");
  const auto slash = text.find('/');
  if (slash == text.npos) return not_understood();
  return parse_size(text.substr(slash + 1));
}

}  // namespace

Result<std::unique_ptr<S3ObjectStore>> S3ObjectStore::create(S3ObjectStoreOptions options,
                                                             CredentialsProvider& credentials,
                                                             const Clock& clock, Random& random) {
  auto client = TRY(S3Client::create(options.client, credentials, clock, random));
  return std::unique_ptr<S3ObjectStore>(new S3ObjectStore(std::move(options), std::move(client)));
}

Result<std::unique_ptr<ObjectWriter>> S3ObjectStore::put(const PutSpec& spec) {
  auto intake = TRY(ObjectIntake::create(spec));
  auto file = TRY(unnamed_file(options_.temp_folder));
  return std::unique_ptr<ObjectWriter>(
      std::make_unique<S3Writer>(*this, *client_, std::move(intake), std::move(file)));
}

Result<OpenObject> S3ObjectStore::open(std::string_view key, std::optional<ByteRange> range) {
  TRY(check_object_key(key));
  if (range && !can_be_sent(*range)) {
    const auto info = TRY(head(key));
    TRY(resolve_range(range, info.size));
  }
  auto file = TRY(unnamed_file(options_.temp_folder));
  S3Call call;
  call.key = key;
  call.download_to = file.get();
  call.max_download = options_.max_open_bytes;
  call.expected_bytes = options_.usual_bytes;
  if (range) call.headers.emplace_back("range", range_header(*range));
  const auto response = TRY(client_->call(call));
  const std::uint64_t got = response.downloaded;
  const bool partial = response.status == 206;
  const std::uint64_t size = partial ? TRY(size_in_content_range(response)) : got;
  auto info = TRY(info_of(key, size, response));
  const ByteSpan span = TRY(resolve_range(range, size));
  if (partial && got != span.length) return not_understood();
  return OpenObject{std::move(info), std::move(file), partial ? 0 : span.offset, span.length};
}

Result<ObjectInfo> S3ObjectStore::head_alone(std::string_view key) {
  S3Call call;
  call.method = "HEAD";
  call.key = key;
  const auto response = TRY(client_->call(call));
  const auto size = TRY(parse_size(response.header("content-length").value_or("")));
  return info_of(key, size, response);
}

// The answer to HEAD has no body to say that it is the bucket that is missing, and whoever asks
// would take every object for lost.
Result<ObjectInfo> S3ObjectStore::head(std::string_view key) {
  TRY(check_object_key(key));
  auto info = head_alone(key);
  if (!info.ok() && info.error().is(ErrorKind::not_found)) TRY(check());
  return info;
}

Result<void> S3ObjectStore::duplicate(std::string_view from, std::string_view to,
                                      std::string_view if_etag) {
  TRY(check_object_key(from));
  TRY(check_object_key(to));
  if (from == to) {  // changes nothing, and S3 refuses it
    const auto info = TRY(head(from));
    if (!if_etag.empty() && info.etag != if_etag) return stale_error();
    return {};
  }
  S3Call call;
  call.method = "PUT";
  call.key = to;
  call.judge = judge_s3_copy;
  call.headers.emplace_back("x-amz-copy-source",
                            percent_encode("/" + bucket() + "/" + std::string(from), true));
  if (!if_etag.empty()) {
    const std::string condition = '"' + std::string(if_etag) + '"';
    call.headers.emplace_back("x-amz-copy-source-if-match", condition);
    // Ceph RGW looks for the condition under this name alone.
    if (!client_->location().at_aws) call.headers.emplace_back("x-amz-copy-if-match", condition);
  }
  const auto response = TRY(client_->call(call));
  const auto etag = copy_result_etag(response.body);
  if (!etag) return s3_code_error(s3_code(response), client_->place());
  if (if_etag.empty() || *etag == if_etag || client_->location().at_aws) return {};
  return check_still_the_same(from, if_etag);
}

// The copy is not what was asked for by its ETag. Either the server made a new ETag for the same
// bytes, or it does not know conditions and the source was another one.
Result<void> S3ObjectStore::check_still_the_same(std::string_view key, std::string_view etag) {
  const auto info = TRY(head(key));
  if (info.etag != etag) return stale_error();
  return {};
}

Result<ObjectInfo> S3ObjectStore::copy(std::string_view from, std::string_view to,
                                       std::string_view if_etag) {
  TRY(duplicate(from, to, if_etag));
  return head(to);
}

Result<void> S3ObjectStore::remove(std::string_view key) {
  TRY(check_object_key(key));
  return delete_object(*client_, key);
}

Result<ObjectPage> S3ObjectStore::list(std::string_view prefix, std::string_view continuation,
                                       std::size_t limit) {
  TRY(check_list_prefix(prefix));
  if (!may_have_objects(prefix)) return ObjectPage{};
  sigv4::NameValues query{
      {"prefix", std::string(prefix)},
      {"max-keys", std::to_string(std::clamp<std::size_t>(limit, 1, kMaxListPage))}};
  if (!continuation.empty())
    query.emplace_back("continuation-token", TRY(parse_continuation(continuation)));
  auto page = TRY(list_objects(*client_, std::move(query)));
  ObjectPage out{std::move(page.objects), {}};
  if (!page.next_token.empty()) out.next = make_continuation(page.next_token);
  return out;
}

Result<std::size_t> S3ObjectStore::remove_prefix(std::string_view prefix) {
  TRY(check_removal_prefix(prefix));
  std::size_t removed = 0;
  std::string token;
  do {
    sigv4::NameValues query{{"prefix", std::string(prefix)}, {"delimiter", "/"}};
    if (!token.empty()) query.emplace_back("continuation-token", token);
    const auto page = TRY(list_objects(*client_, std::move(query)));
    std::vector<std::string> keys;
    for (const ObjectInfo& info : page.objects) {
      if (info.key.size() > prefix.size()) keys.push_back(info.key);
    }
    if (!keys.empty()) TRY(delete_objects(*client_, keys));
    removed += keys.size();
    token = page.next_token;
  } while (!token.empty());
  return removed;
}

Result<PresignedUrl> S3ObjectStore::presign_put(const PresignPut& request) {
  return presigner_.put(request);
}
Result<PresignedUrl> S3ObjectStore::presign_get(const PresignGet& request) {
  return presigner_.get(request);
}
Result<PresignedPost> S3ObjectStore::presign_post(const PresignPost& request) {
  return presigner_.post(request);
}

Result<void> S3ObjectStore::check_now() {
  S3Call call;
  call.method = "HEAD";
  call.time_out = options_.check_timeout;
  TRY(client_->aws().credentials().get(step_deadline(options_.check_timeout)));
  const auto head = TRY(client_->ask(call));
  if (head.status / 100 == 2) return {};
  call.method = "GET";
  call.query = {{"list-type", "2"}, {"max-keys", "1"}};
  const auto list = client_->call(call);
  if (list.ok()) return {};
  return list.error();
}

Result<void> S3ObjectStore::check() {
  {
    std::lock_guard lock(check_mutex_);
    if (!has_passed(checked_until_)) return checked_;
  }
  auto state = check_now();
  std::lock_guard lock(check_mutex_);
  checked_ = state;
  checked_until_ = deadline_in(options_.check_kept_for);
  return state;
}

}  // namespace tintype
