#include "adapters/aws/s3_bucket.h"

#include <algorithm>

#include "adapters/aws/s3_bucket_rules.h"
#include "adapters/aws/s3_objects.h"

namespace tintype {
namespace {

using Outcome = BucketStepOutcome;

// One configuration of the bucket: where it is kept, and what it should become, given what it is
// (null: there is none). Nothing: it is as it should be.
struct Aspect {
  std::string subject;
  std::string subresource;
  std::function<std::optional<XmlElement>(const XmlElement* current)> wanted;
  std::string_view setting;  // that it follows; empty: none
  // Servers of one's own may lack what it needs (a store of keys), and say so in various words.
  bool may_be_refused = false;
  bool only_removes = false;  // a rule of ours, if there is one
};

bool is_unsupported(const HttpResponse& response) {
  return response.status == 501 || response.status == 405 || s3_code(response) == "NotImplemented";
}

bool is_refused_elsewhere(const S3Client& client, const Aspect& aspect,
                          const HttpResponse& response) {
  return aspect.may_be_refused && !client.location().at_aws && response.status == 400;
}

// `NoSuchCORSConfiguration`, `ServerSideEncryptionConfigurationNotFoundError`, ...
bool says_there_is_none(const HttpResponse& response) {
  return response.status == 404 && s3_code(response) != "NoSuchBucket";
}

S3Call bucket_call(std::string method, const std::string& subresource = {}) {
  S3Call call;
  call.method = std::move(method);
  if (!subresource.empty()) call.query = {{subresource, ""}};
  return call;
}

// Says what was refused, and where the wish for it comes from.
Error error_of(Error error, const Aspect& aspect) {
  error.detail = "Bucket's " + aspect.subject + ": " + error.detail;
  if (error.is(ErrorKind::internal) && !aspect.setting.empty())
    error.detail += " Check " + std::string(aspect.setting) + ".";
  return error;
}

Result<HttpResponse> write(S3Client& client, const Aspect& aspect, const XmlElement& wanted) {
  S3Call call = bucket_call(wanted.children.empty() ? "DELETE" : "PUT", aspect.subresource);
  if (!wanted.children.empty()) call.body = to_xml(wanted);
  return client.ask(call);
}

// Nothing when there is nothing to say.
Result<std::optional<BucketStep>> apply(S3Client& client, const Aspect& aspect, bool dry_run) {
  const auto step = [&](Outcome outcome) {
    return std::optional(BucketStep{aspect.subject, outcome});
  };
  const auto otherwise = [&](Outcome outcome) {
    return aspect.only_removes ? std::optional<BucketStep>() : step(outcome);
  };
  const auto found = TRY(client.ask(bucket_call("GET", aspect.subresource)));
  if (is_unsupported(found)) return otherwise(Outcome::unsupported);
  std::optional<XmlElement> current;
  if (found.status == 200) current = TRY(parse_xml(found.body));
  else if (!says_there_is_none(found)) return error_of(client.error_of(found), aspect);
  const auto wanted = aspect.wanted(current ? &*current : nullptr);
  if (!wanted) return otherwise(Outcome::present);
  if (dry_run) return step(aspect.only_removes ? Outcome::would_remove : Outcome::would_do);
  const auto written = TRY(write(client, aspect, *wanted));
  if (is_unsupported(written) || is_refused_elsewhere(client, aspect, written))
    return step(Outcome::unsupported);
  if (written.status / 100 != 2) return error_of(client.error_of(written), aspect);
  return step(aspect.only_removes ? Outcome::removed : Outcome::done);
}

std::vector<Aspect> aspects(const BucketWishes& wishes, bool at_aws) {
  return {{.subject = "public access block",
           .subresource = "publicAccessBlock",
           .wanted =
               [at_aws](const XmlElement* now) { return wanted_public_access_block(now, at_aws); }},
          {.subject = "encryption",
           .subresource = "encryption",
           .wanted = wanted_encryption,
           .may_be_refused = true},
          {.subject = "lifecycle",
           .subresource = "lifecycle",
           .wanted = [&wishes](const XmlElement* now) { return wanted_lifecycle(now, wishes); },
           .setting = "upload.expires_after"},
          {.subject = "CORS",
           .subresource = "cors",
           .wanted = [&wishes](const XmlElement* now) { return wanted_cors(now, wishes); },
           .setting = "cors.origins",
           .only_removes = wishes.cors_origins.empty()}};
}

// AWS's first region must not be named; servers of one's own have one region, whatever its name.
std::string create_body(const S3Location& location) {
  if (!location.at_aws || location.region == "us-east-1") return {};
  return to_xml({"CreateBucketConfiguration", {}, {{"LocationConstraint", location.region, {}}}});
}

Result<bool> bucket_exists(S3Client& client) {
  const auto head = client.call(bucket_call("HEAD"));
  if (head.ok()) return true;
  if (head.error().is(ErrorKind::not_found)) return false;
  Error error = head.error();
  // The same answer to a bucket that is somebody else's.
  if (error.is("s3_access_denied"))
    error.detail += " If it is somebody else's, choose another s3.bucket.";
  return error;
}

Error not_made(const S3Client& client, const HttpResponse& response) {
  Error error = client.error_of(response);
  if (s3_code(response) == "BucketAlreadyExists")
    error.detail = "The name of the bucket \"" + client.place().bucket +
                   "\" is somebody else's already: choose another s3.bucket.";
  else if (error.is(ErrorKind::internal)) error.detail += " Check s3.bucket and aws.region.";
  return error;
}

}  // namespace

int incoming_days_for(milliseconds expires_after) {
  return std::max(
      2, static_cast<int>(std::chrono::ceil<std::chrono::days>(expires_after).count()) + 1);
}

Result<BucketStep> create_bucket(S3Client& client, bool dry_run) {
  const std::string subject = "bucket " + client.location().bucket;
  if (TRY(bucket_exists(client))) return BucketStep{subject, Outcome::present};
  if (dry_run) return BucketStep{subject, Outcome::would_do};
  S3Call put = bucket_call("PUT");
  put.body = create_body(client.location());
  const auto made = TRY(client.ask(put));
  // Another run of this was quicker, or the answer to our first attempt was lost.
  const bool is_ours = s3_code(made) == "BucketAlreadyOwnedByYou";
  if (made.status / 100 != 2 && !is_ours) return not_made(client, made);
  return BucketStep{subject, Outcome::done};
}

Result<void> provision_bucket(S3Client& client, const BucketWishes& wishes, bool dry_run,
                              const std::function<void(const BucketStep&)>& tell) {
  const BucketStep made = TRY(create_bucket(client, dry_run));
  tell(made);
  for (const Aspect& aspect : aspects(wishes, client.location().at_aws)) {
    if (made.outcome != Outcome::would_do) {
      if (const auto step = TRY(apply(client, aspect, dry_run))) tell(*step);
    } else if (!aspect.only_removes) {
      tell({aspect.subject, Outcome::would_do});
    }
  }
  return {};
}

Result<BucketRemoval> destroy_bucket(S3Client& client, bool dry_run) {
  BucketRemoval removal;
  removal.existed = TRY(bucket_exists(client));
  if (!removal.existed) return removal;
  std::string token;
  do {
    sigv4::NameValues query;
    if (!token.empty()) query.emplace_back("continuation-token", token);
    const auto page = TRY(list_objects(client, std::move(query)));
    std::vector<std::string> keys;
    for (const ObjectInfo& info : page.objects) keys.push_back(info.key);
    if (!keys.empty() && !dry_run) TRY(delete_objects(client, keys));
    removal.objects += keys.size();
    token = page.next_token;
  } while (!token.empty());
  if (dry_run) return removal;
  const auto gone = TRY(client.ask(bucket_call("DELETE")));
  if (s3_code(gone) == "BucketNotEmpty") {
    return Error{ErrorKind::conflict,
                 "bucket_not_empty",
                 "The bucket holds what its listing does not show, such as old versions.",
                 {}};
  }
  if (gone.status / 100 != 2 && gone.status != 404) return client.error_of(gone);
  return removal;
}

}  // namespace tintype
