// RenditionCounts: how many renditions of an image this process has stored on request, so that one
// image cannot fill the store.
//
// Counted in memory: to list what is stored may take reading through the whole store. The count
// starts anew with the process, for images that were not asked for in a long time, and with each
// revision of the image, because a deletion takes its renditions away; the limit it serves is one
// of good sense, not of bookkeeping.
//
// Threading: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "domain/image_id.h"

namespace tintype {

class RenditionCounts {
 public:
  // Remembers the `max_images` that were counted last.
  explicit RenditionCounts(std::size_t max_images) : max_images_(max_images) {}

  // Counts one more of this revision, unless there are `limit` already: then false.
  bool take(const ImageId& id, std::int64_t revision, std::uint32_t limit);
  void give_back(const ImageId& id);

 private:
  struct Entry {
    std::int64_t revision = 0;
    std::uint32_t count = 0;
    std::list<ImageId>::iterator age;
  };

  const std::size_t max_images_;
  std::mutex mutex_;
  std::list<ImageId> ages_;  // most recently counted first
  std::unordered_map<ImageId, Entry> entries_;
};

}  // namespace tintype
