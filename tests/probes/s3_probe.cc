// Reads one JSON object per line, does with S3ObjectStore what its `op` names, and answers with one
// JSON object per line: the result, or {"error": {"code", "detail"}}. The bucket is named by the
// first line: {bucket, endpoint, public_endpoint?, region?, access_key, secret}.
#include <boost/json.hpp>
#include <iostream>

#include "adapters/aws/s3_bucket.h"
#include "adapters/aws/s3_object_store.h"
#include "base/encoding.h"

namespace json = boost::json;
using namespace tintype;

namespace {

std::string text(const json::object& in, const char* name) {
  const auto* value = in.if_contains(name);
  return value ? json::value_to<std::string>(*value) : std::string();
}

json::object error(const Error& e) {
  return {{"error", {{"code", e.code}, {"detail", e.detail}, {"status", http_status(e.kind)}}}};
}

// `ago`: seconds since the URL was signed.
Timestamp signing_time(const json::object& in) {
  const auto* ago = in.if_contains("ago");
  return SystemClock().now() - seconds(ago ? ago->to_number<int>() : 0);
}

seconds lifetime(const json::object& in) {
  const auto* expires = in.if_contains("expires");
  return seconds(expires ? expires->to_number<int>() : 900);
}

json::object presign_put(S3ObjectStore& store, const json::object& in) {
  PresignPut request{.key = text(in, "key"),
                     .content_type = text(in, "content_type"),
                     .size = in.at("size").to_number<std::uint64_t>(),
                     .now = signing_time(in),
                     .expires_in = lifetime(in)};
  if (in.contains("sha256")) request.sha256 = hex_decode(text(in, "sha256")).value();
  const auto url = store.presign_put(request);
  if (!url.ok()) return error(url.error());
  return {{"url", url->url}, {"headers", json::value_from(url->headers)}};
}

json::object presign_get(S3ObjectStore& store, const json::object& in) {
  const auto url = store.presign_get({.key = text(in, "key"),
                                      .content_type = text(in, "content_type"),
                                      .content_disposition = text(in, "disposition"),
                                      .now = signing_time(in),
                                      .expires_in = lifetime(in)});
  if (!url.ok()) return error(url.error());
  return {{"url", url->url}};
}

json::object presign_post(S3ObjectStore& store, const json::object& in) {
  const auto form = store.presign_post({.key = text(in, "key"),
                                        .content_type = text(in, "content_type"),
                                        .min_size = in.at("min").to_number<std::uint64_t>(),
                                        .max_size = in.at("max").to_number<std::uint64_t>(),
                                        .now = signing_time(in),
                                        .expires_in = lifetime(in)});
  if (!form.ok()) return error(form.error());
  return {{"url", form->url}, {"fields", json::value_from(form->fields)}};
}

json::object provision(S3ObjectStore& store, const json::object& in) {
  BucketWishes wishes;
  wishes.cors_origins = json::value_to<std::vector<std::string>>(in.at("origins"));
  constexpr const char* kOutcomes[] = {"present", "done",         "would_do",
                                       "removed", "would_remove", "unsupported"};
  json::object out;
  const auto done = provision_bucket(
      store.client(), wishes, in.at("dry_run").as_bool(), [&](const BucketStep& step) {
        out[step.subject] = kOutcomes[static_cast<std::size_t>(step.outcome)];
      });
  if (!done.ok()) return error(done.error());
  return {{"steps", out}};
}

json::object destroy(S3ObjectStore& store, const json::object& in) {
  const auto removal = destroy_bucket(store.client(), in.at("dry_run").as_bool());
  if (!removal.ok()) return error(removal.error());
  return {{"existed", removal->existed}, {"objects", removal->objects}};
}

json::object check(S3ObjectStore& store) {
  const auto state = store.check();
  if (!state.ok()) return error(state.error());
  return {{"ready", true}};
}

json::object head(S3ObjectStore& store, const json::object& in) {
  const auto info = store.head(text(in, "key"));
  if (!info.ok()) return error(info.error());
  return {{"size", info->size}, {"etag", info->etag}};
}

json::object answer(S3ObjectStore& store, const json::object& in) {
  const std::string op = text(in, "op");
  if (op == "presign_put") return presign_put(store, in);
  if (op == "presign_get") return presign_get(store, in);
  if (op == "presign_post") return presign_post(store, in);
  if (op == "provision") return provision(store, in);
  if (op == "destroy") return destroy(store, in);
  if (op == "check") return check(store);
  if (op == "head") return head(store, in);
  return {{"error", "unknown op"}};
}

}  // namespace

int main() {
  std::string line;
  std::getline(std::cin, line);
  const json::value first = json::parse(line);
  const json::object& where = first.as_object();
  S3ObjectStoreOptions options;
  options.client.s3 = {.bucket = text(where, "bucket"),
                       .region = text(where, "region"),
                       .endpoint = text(where, "endpoint"),
                       .public_endpoint = text(where, "public_endpoint")};
  options.client.retry.attempts = 3;
  FixedCredentials credentials({text(where, "access_key"), text(where, "secret"), {}});
  SystemClock clock;
  SystemRandom random;
  auto store = S3ObjectStore::create(std::move(options), credentials, clock, random);
  while (store.ok() && std::getline(std::cin, line))
    std::cout << json::serialize(answer(**store, json::parse(line).as_object())) << std::endl;
  if (!store.ok()) std::cout << json::serialize(error(store.error())) << std::endl;
}
