#include "app/aws_stores.h"

#include "adapters/aws/credentials_chain.h"
#include "adapters/aws/dynamodb_metadata_store.h"
#include "adapters/aws/region.h"
#include "adapters/aws/s3_bucket.h"
#include "adapters/aws/s3_object_store.h"
#include "base/encoding.h"

namespace tintype {
namespace {

constexpr seconds kRegionPatience{5};
constexpr std::string_view kCursorSecret = "cursors";
// Servers other than AWS take any region, and this one is what they expect.
constexpr std::string_view kRegionElsewhere = "us-east-1";

AwsSurroundings surroundings_of(const Settings& settings, const Clock& clock, Random& random) {
  AwsSurroundings surroundings = system_surroundings(clock, random);
  surroundings.region = settings.aws.region;
  if (!settings.aws.profile.empty())
    surroundings.environment = [profile = settings.aws.profile,
                                real = surroundings.environment](const std::string& name) {
      return name == "AWS_PROFILE" ? std::optional(profile) : real(name);
    };
  return surroundings;
}

Result<std::string> region_of(const Settings& settings, const AwsSurroundings& surroundings) {
  const bool elsewhere = !settings.s3.endpoint.empty() && !settings.dynamodb.endpoint.empty();
  if (!elsewhere) return find_region(surroundings, deadline_in(kRegionPatience));
  auto chosen = TRY(configured_region(surroundings));
  return chosen ? std::move(*chosen) : std::string(kRegionElsewhere);
}

std::string dynamodb_host(const Settings& settings, const std::string& region) {
  if (!settings.dynamodb.endpoint.empty()) return settings.dynamodb.endpoint;
  const bool in_china = region.starts_with("cn-");
  return "https://dynamodb." + region + ".amazonaws.com" + (in_china ? ".cn" : "");
}

AwsClientOptions dynamodb_options(const Settings& settings, const std::string& region) {
  AwsClientOptions options;
  options.service = "dynamodb";
  options.region = region;
  options.scheme_and_host = dynamodb_host(settings, region);
  return options;
}

S3ObjectStoreOptions s3_options(const Settings& settings, const std::string& region) {
  S3ObjectStoreOptions options;
  auto& s3 = options.client.s3;
  s3.bucket = settings.s3.bucket;
  s3.region = region;
  s3.endpoint = settings.s3.endpoint;
  s3.public_endpoint = settings.s3.public_endpoint;
  if (settings.s3.path_style) s3.path_style = true;
  options.max_open_bytes = std::max(options.max_open_bytes, settings.limits.max_upload_bytes);
  return options;
}

dynamodb::RecordOptions record_options(const Settings& settings) {
  dynamodb::RecordOptions options;
  options.tables = dynamodb::TableNames::with_prefix(settings.dynamodb.table_prefix);
  options.transactions = settings.dynamodb.transactions;
  options.shards = settings.dynamodb.shards;
  return options;
}

std::string words_of(BucketStepOutcome outcome) {
  switch (outcome) {
    case BucketStepOutcome::present: return "is there";
    case BucketStepOutcome::done: return "made";
    case BucketStepOutcome::would_do: return "would be made";
    case BucketStepOutcome::removed: return "Tintype's rule removed";
    case BucketStepOutcome::would_remove: return "Tintype's rule would be removed";
    case BucketStepOutcome::unsupported: break;
  }
  return "is not known to this server";
}

bool is_change(BucketStepOutcome outcome) {
  return outcome != BucketStepOutcome::present && outcome != BucketStepOutcome::unsupported;
}

}  // namespace

struct AwsStores::Parts {
  std::string region;
  CredentialsChain credentials;
  AwsClient dynamodb_aws;
  dynamodb::Client dynamodb_client;
  dynamodb::RecordOptions records;
  DynamoDbMetadataStore metadata;
  dynamodb::Ledger ledger;
  std::unique_ptr<S3ObjectStore> objects;
  BucketWishes wishes;

  Parts(const Settings& settings, const AwsSurroundings& surroundings, std::string chosen_region,
        const Clock& clock, Random& random)
      : region(std::move(chosen_region)),
        credentials(surroundings),
        dynamodb_aws(dynamodb_options(settings, region), credentials, clock, random),
        dynamodb_client(dynamodb_aws, random),
        records(record_options(settings)),
        metadata(dynamodb_client, clock, random, records),
        ledger(dynamodb_client, random, records.tables.ledger) {
    wishes.cors_origins = settings.cors.origins;
    wishes.incoming_days = incoming_days_for(settings.upload.expires_after);
  }
};

AwsStores::AwsStores(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AwsStores::~AwsStores() = default;

Result<std::unique_ptr<AwsStores>> AwsStores::create(const Settings& settings, const Clock& clock,
                                                     Random& random) {
  const auto surroundings = surroundings_of(settings, clock, random);
  auto region = TRY(region_of(settings, surroundings));
  auto parts = std::make_unique<Parts>(settings, surroundings, std::move(region), clock, random);
  parts->objects = TRY(S3ObjectStore::create(s3_options(settings, parts->region),
                                             parts->credentials, clock, random));
  return std::unique_ptr<AwsStores>(new AwsStores(std::move(parts)));
}

MetadataStore& AwsStores::metadata() { return parts_->metadata; }
ObjectStore& AwsStores::objects() { return *parts_->objects; }

Result<void> AwsStores::check() {
  TRY(dynamodb::check_tables(parts_->dynamodb_client, parts_->records.tables));
  return parts_->objects->check();
}

Result<std::string> AwsStores::secret() { return parts_->ledger.secret(kCursorSecret); }

Result<bool> AwsStores::provision(bool dry_run, const Tell& tell) {
  ProvisionLog log(tell);
  TRY(dynamodb::provision_tables(parts_->dynamodb_client, parts_->records.tables, {dry_run}, log));
  TRY(provision_bucket(parts_->objects->client(), parts_->wishes, dry_run,
                       [&log](const BucketStep& step) {
                         const std::string line = step.subject + ": " + words_of(step.outcome);
                         if (is_change(step.outcome)) log.changed(line);
                         else log.found(line);
                       }));
  return log.has_changes();
}

Result<bool> AwsStores::destroy(bool dry_run, const Tell& tell) {
  // Before the bucket: records that must stay keep their objects.
  TRY(dynamodb::check_deletable(parts_->dynamodb_client, parts_->records.tables));
  ProvisionLog log(tell);
  const auto bucket = TRY(destroy_bucket(parts_->objects->client(), dry_run));
  const std::string name = "bucket " + parts_->objects->bucket() + ": ";
  if (bucket.existed)
    log.changed(name + (dry_run ? "would be deleted" : "deleted") + ", with " +
                std::to_string(bucket.objects) + " objects");
  else log.found(name + "is not there");
  TRY(dynamodb::delete_tables(parts_->dynamodb_client, parts_->records.tables, {dry_run}, log));
  return log.has_changes();
}

}  // namespace tintype
