// ServiceContext: what every use case works with. The services are free functions over it; they
// keep no state of their own, so any number of threads and replicas may run them at once.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "domain/limits.h"
#include "domain/rendition_variants.h"
#include "ports/image_engine.h"
#include "ports/metadata_store.h"
#include "ports/object_store.h"

namespace tintype {

struct UploadPolicy {
  milliseconds url_ttl = std::chrono::minutes(15);      // life of a presigned upload URL
  milliseconds expires_after = std::chrono::hours(24);  // then an upload fails: `upload_expired`
  // How long one completer may take: longer than any deadline, by what storing takes.
  milliseconds lease = seconds(90);
  // For a completion that nobody waits for. It leaves time to wait for a worker, and then for all
  // of the time that a worker may take.
  milliseconds background_timeout = seconds(60);
};

struct TrashPolicy {
  milliseconds retention = std::chrono::hours(30 * 24);  // from soft delete to purge
};

struct RenditionPolicy {
  RenditionVariants variants;
  // What of the engine's settings makes other pictures of the same parameters; part of their names.
  std::string engine;
  std::uint64_t memory_cache = 32ull * 1024 * 1024;  // bytes of small renditions kept in memory
  bool store = true;                                 // renditions, the ladder's too, become objects
  std::uint32_t max_per_image = 100;                 // stored on request; the ladder aside
  std::uint64_t avif_at_once = 600'000;  // pixels; a larger AVIF is made while WebP or JPEG serves
  bool in_background = true;  // else a larger AVIF is not made, but served if it is there
  // Requests that may make a picture, or wait for one, at the same time. Each has a thread to
  // itself for as long, and other requests need some too.
  std::uint32_t at_once = 48;
  milliseconds background_timeout = seconds(60);  // for one that nobody waits for; as for uploads
  // Opening an object takes microseconds, as with local files, and no thread of its own. Otherwise
  // clients fetch stored renditions from the store by themselves.
  bool store_is_local = true;
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
  RenditionPolicy renditions;
};

}  // namespace tintype
