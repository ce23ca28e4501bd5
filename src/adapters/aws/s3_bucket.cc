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
  // Servers of one's own may lack what it needs (a store of keys), and say so in various words.
  bool may_be_refused = false;
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

Result<BucketStep> apply(S3Client& client, const Aspect& aspect, bool dry_run) {
  const auto found = TRY(client.ask(bucket_call("GET", aspect.subresource)));
  if (is_unsupported(found)) return BucketStep{aspect.subject, Outcome::unsupported};
  std::optional<XmlElement> current;
  if (found.status == 200) current = TRY(parse_xml(found.body));
  else if (!says_there_is_none(found)) return client.error_of(found);
  const auto wanted = aspect.wanted(current ? &*current : nullptr);
  if (!wanted) return BucketStep{aspect.subject, Outcome::present};
  if (dry_run) return BucketStep{aspect.subject, Outcome::would_do};
  S3Call put = bucket_call("PUT", aspect.subresource);
  put.body = to_xml(*wanted);
  const auto written = TRY(client.ask(put));
  if (is_unsupported(written) || is_refused_elsewhere(client, aspect, written))
    return BucketStep{aspect.subject, Outcome::unsupported};
  if (written.status / 100 != 2) return client.error_of(written);
  return BucketStep{aspect.subject, Outcome::done};
}

std::vector<Aspect> aspects(const BucketWishes& wishes, bool at_aws) {
  std::vector<Aspect> all{
      {"public access block", "publicAccessBlock",
       [at_aws](const XmlElement* current) { return wanted_public_access_block(current, at_aws); }},
      {"encryption", "encryption", wanted_encryption, true},
      {"lifecycle", "lifecycle",
       [&wishes](const XmlElement* current) { return wanted_lifecycle(current, wishes); }}};
  if (!wishes.cors_origins.empty()) {
    all.push_back({"CORS", "cors",
                   [&wishes](const XmlElement* current) { return wanted_cors(current, wishes); }});
  }
  return all;
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
  return head.error();
}

}  // namespace

Result<BucketStep> create_bucket(S3Client& client, bool dry_run) {
  const std::string subject = "bucket " + client.location().bucket;
  if (TRY(bucket_exists(client))) return BucketStep{subject, Outcome::present};
  if (dry_run) return BucketStep{subject, Outcome::would_do};
  S3Call put = bucket_call("PUT");
  put.body = create_body(client.location());
  const auto made = TRY(client.ask(put));
  // Another run of this was quicker, or the answer to our first attempt was lost.
  const bool is_ours = s3_code(made) == "BucketAlreadyOwnedByYou";
  if (made.status / 100 != 2 && !is_ours) return client.error_of(made);
  return BucketStep{subject, Outcome::done};
}

Result<std::vector<BucketStep>> provision_bucket(S3Client& client, const BucketWishes& wishes,
                                                 bool dry_run) {
  std::vector<BucketStep> steps;
  steps.push_back(TRY(create_bucket(client, dry_run)));
  const bool is_there = steps.front().outcome != Outcome::would_do;
  for (const Aspect& aspect : aspects(wishes, client.location().at_aws)) {
    BucketStep step{aspect.subject, Outcome::would_do};
    if (is_there) step = TRY(apply(client, aspect, dry_run));
    steps.push_back(std::move(step));
  }
  return steps;
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
