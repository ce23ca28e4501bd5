// RenditionCache: the small renditions that were asked for last, in memory.
//
// Entries are found under their object's key, which names their content for good: an entry is right
// or not found. Whether an image may still be served is asked before the cache is.
//
// Threading: any thread. The bytes of an entry that is dropped live as long as an answer needs
// them.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tintype {

// Larger ones are served from their file, which costs them relatively little.
inline constexpr std::size_t kMaxCachedRendition = 256 * 1024;

class RenditionCache {
 public:
  // Holds at most about `max_bytes`; 0 turns it off.
  explicit RenditionCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  bool holds(std::size_t size) const;  // whether an entry of that size would be kept

  // Null when it is not there.
  std::shared_ptr<const std::string> find(std::string_view key);
  // Does nothing with what is too large.
  void keep(std::string_view key, std::shared_ptr<const std::string> bytes);

  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const std::string> bytes;
  };
  using Entries = std::list<Entry>;

  void forget(Entries::iterator entry);  // with the lock held

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;  // guarded by mutex_, as all below
  Entries entries_;        // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> index_;  // views of the entries' keys
};

}  // namespace tintype
