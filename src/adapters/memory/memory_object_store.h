// MemoryObjectStore: the reference implementation of the ObjectStore port, for tests. It keeps its
// promises except the one that needs a disk: nothing survives the process. `open` hands out a
// memfd.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "ports/local_presigner.h"
#include "ports/object_store.h"

namespace tintype {

struct MemoryObjectStoreOptions {
  LocalPresignerOptions presigner;
  const Clock* clock = nullptr;               // gives `modified`; null is the system's clock
  std::uint64_t capacity_bytes = UINT64_MAX;  // more is `storage_full`
};

class MemoryObjectStore final : public ObjectStore {
 public:
  explicit MemoryObjectStore(MemoryObjectStoreOptions options = {});
  ~MemoryObjectStore() override;

  const std::string& bucket() const override { return options_.presigner.bucket; }
  // The store must outlive the writer.
  Result<std::unique_ptr<ObjectWriter>> put(const PutSpec& spec) override;
  Result<OpenObject> open(std::string_view key, std::optional<ByteRange> range = {}) override;
  Result<ObjectInfo> head(std::string_view key) override;
  Result<ObjectInfo> copy(std::string_view from, std::string_view to,
                          std::string_view if_etag = {}) override;
  Result<void> remove(std::string_view key) override;
  Result<std::size_t> remove_prefix(std::string_view prefix) override;
  Result<ObjectPage> list(std::string_view prefix, std::string_view continuation,
                          std::size_t limit) override;
  Result<PresignedUrl> presign_put(const PresignPut& request) override;
  Result<PresignedUrl> presign_get(const PresignGet& request) override;
  Result<PresignedPost> presign_post(const PresignPost& request) override;
  Result<void> check() override { return {}; }

 private:
  class Writer;
  struct Object {
    ObjectInfo info;
    std::shared_ptr<const std::string> bytes;
  };

  Result<Object> find(std::string_view key) const;
  Result<void> store(Object object);  // replaces what is there
  Timestamp now() const;

  const MemoryObjectStoreOptions options_;
  const LocalPresigner presigner_;
  mutable std::mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;  // guarded by mutex_
  std::uint64_t used_bytes_ = 0;                        // guarded by mutex_
};

}  // namespace tintype
