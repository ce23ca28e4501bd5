// S3ObjectStore: the ObjectStore port on the S3 API: AWS, Ceph RGW, MinIO, SeaweedFS, Garage.
//
// A put waits in an unnamed file while it is hashed, then goes out in one PUT with its exact length
// and SHA-256; what is opened comes down into such a file. Requests: one for each method, but
// `commit` and `copy` ask once more for what the first answer does not say (`seal` and `duplicate`
// do not), `remove_prefix` lists and then removes up to 1000 objects at a time, and a HEAD that
// finds nothing makes sure, once a second at most, that the bucket is there.
// Everything sent is idempotent: a lost answer is asked for again.
//
// The bucket must not keep versions: objects removed would stay, hidden.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/aws/s3_client.h"
#include "adapters/aws/s3_presigner.h"
#include "adapters/aws/unnamed_file.h"
#include "ports/object_store.h"

namespace tintype {

struct S3ObjectStoreOptions {
  S3ClientOptions client;
  std::string temp_folder = default_temp_folder();
  // Larger objects are not opened (`too_large`): what a stranger put into the bucket does not fill
  // the disk.
  std::uint64_t max_open_bytes = std::uint64_t{1} << 30;
  // The part of an object's transfer for which there is time when its size is not known.
  std::uint64_t usual_bytes = 64 * 1024 * 1024;
  milliseconds check_timeout = seconds(3);
  milliseconds check_kept_for = seconds(1);  // an answer of `check` serves for so long
};

class S3ObjectStore final : public ObjectStore {
 public:
  // Sends nothing. The references must outlive the store. Errors: those of locate_bucket.
  static Result<std::unique_ptr<S3ObjectStore>> create(S3ObjectStoreOptions options,
                                                       CredentialsProvider& credentials,
                                                       const Clock& clock, Random& random);

  const std::string& bucket() const override { return client_->location().bucket; }
  // The store must outlive the writer.
  Result<std::unique_ptr<ObjectWriter>> put(const PutSpec& spec) override;
  Result<OpenObject> open(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> head(std::string_view key) override;
  Result<ObjectInfo> copy(std::string_view from, std::string_view to,
                          std::string_view if_etag = {}) override;
  Result<void> duplicate(std::string_view from, std::string_view to,
                         std::string_view if_etag = {}) override;
  Result<void> remove(std::string_view key) override;
  Result<std::size_t> remove_prefix(std::string_view prefix) override;
  Result<ObjectPage> list(std::string_view prefix, std::string_view continuation,
                          std::size_t limit) override;
  Result<PresignedUrl> presign_put(const PresignPut& request) override;
  Result<PresignedUrl> presign_get(const PresignGet& request) override;
  Result<PresignedPost> presign_post(const PresignPost& request) override;
  // HEAD of the bucket, and when that fails one listing, whose answer says why.
  Result<void> check() override;

  // How many requests went out; for tests and measurements.
  std::uint64_t requests_sent() const { return client_->aws().requests_sent(); }
  S3Client& client() { return *client_; }

 private:
  S3ObjectStore(S3ObjectStoreOptions options, std::unique_ptr<S3Client> client)
      : options_(std::move(options)), client_(std::move(client)), presigner_(*client_) {}

  Result<ObjectInfo> head_alone(std::string_view key);  // without a look at the bucket
  Result<void> check_still_the_same(std::string_view key, std::string_view etag);
  Result<void> check_now();

  const S3ObjectStoreOptions options_;
  const std::unique_ptr<S3Client> client_;
  const S3Presigner presigner_;

  std::mutex check_mutex_;
  Result<void> checked_;                      // guarded by check_mutex_
  Deadline checked_until_ = Deadline::min();  // guarded by check_mutex_
};

}  // namespace tintype
