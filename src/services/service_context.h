// ServiceContext: what every use case works with. The services are free functions over it; they
// keep no state of their own, so any number of threads and replicas may run them at once.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "domain/limits.h"
#include "ports/image_engine.h"
#include "ports/metadata_store.h"
#include "ports/object_store.h"

namespace tintype {

struct UploadPolicy {
  milliseconds url_ttl = std::chrono::minutes(15);      // life of a presigned upload URL
  milliseconds expires_after = std::chrono::hours(24);  // then an upload fails: `upload_expired`
  milliseconds lease = seconds(60);                     // how long one completer may take
  milliseconds processing_timeout = seconds(30);        // for looking into one image
};

struct TrashPolicy {
  milliseconds retention = std::chrono::hours(30 * 24);  // from soft delete to purge
};

struct ServiceContext {
  MetadataStore& metadata;
  ObjectStore& objects;
  ImageEngine& images;
  const Clock& clock;
  Random& random;
  Limits limits;
  UploadPolicy upload;
  TrashPolicy trash;
};

}  // namespace tintype
