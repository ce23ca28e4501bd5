// The records that this process has seen last. A record of the revision that a writer expects is
// what the table has if the write succeeds, so it need not be read again to know what changes.
//
// Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "domain/image_metadata.h"

namespace tintype::dynamodb {

class SeenRecords {
 public:
  explicit SeenRecords(std::size_t capacity) : capacity_(capacity) {}

  void keep(const ImageMetadata& image);
  void forget(const ImageId& id);
  // Null unless it was seen with this revision.
  std::shared_ptr<const ImageMetadata> find(const ImageId& id, std::int64_t revision);

 private:
  using Entry = std::shared_ptr<const ImageMetadata>;
  std::size_t capacity_;
  std::mutex mutex_;
  std::list<Entry> order_;  // the last one seen first
  std::unordered_map<ImageId, std::list<Entry>::iterator> entries_;
};

}  // namespace tintype::dynamodb
