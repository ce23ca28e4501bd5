// S3Writer: one put. The bytes wait in an unnamed file, since S3 wants their length and SHA-256
// before the first of them. Not thread-safe; what it refers to must outlive it.
#pragma once

#include <optional>

#include "adapters/aws/s3_client.h"
#include "base/unique_fd.h"
#include "ports/object_rules.h"
#include "ports/object_store.h"

namespace tintype {

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(ObjectStore& store, S3Client& client, ObjectIntake intake, UniqueFd file)
      : store_(store), client_(client), intake_(std::move(intake)), file_(std::move(file)) {}

  Result<void> write(std::string_view bytes) override;
  Result<PutResult> commit() override;
  Result<void> seal() override;

 private:
  Result<PutResult> upload();  // `modified` is a guess

  ObjectStore& store_;
  S3Client& client_;
  ObjectIntake intake_;
  UniqueFd file_;  // nothing once committed or failed
};

}  // namespace tintype
