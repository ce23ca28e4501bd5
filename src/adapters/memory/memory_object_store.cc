#include "adapters/memory/memory_object_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "ports/object_rules.h"

namespace tintype {
namespace {

Result<UniqueFd> memfd_with(std::string_view bytes) {
  UniqueFd fd(::memfd_create("tintype-object", MFD_CLOEXEC));
  if (!fd) return system_error("memfd_create", errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return system_error("write to a memfd", errno);
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return fd;
}

}  // namespace

class MemoryObjectStore::Writer final : public ObjectWriter {
 public:
  Writer(MemoryObjectStore& store, ObjectIntake intake)
      : store_(store), intake_(std::move(intake)) {}

  Result<void> write(std::string_view bytes) override {
    if (done_) return internal_error("write after the end of a put");
    auto accepted = intake_.accept(bytes);
    if (!accepted.ok()) {
      done_ = true;
      return accepted;
    }
    bytes_.append(bytes);
    return {};
  }

  Result<PutResult> commit() override {
    if (std::exchange(done_, true)) return internal_error("commit after the end of a put");
    std::string digest = TRY(intake_.finish());
    ObjectInfo info{intake_.key(), bytes_.size(), content_etag(digest), store_.now()};
    TRY(store_.store({info, std::make_shared<const std::string>(std::move(bytes_))}));
    return PutResult{std::move(info), std::move(digest)};
  }

 private:
  MemoryObjectStore& store_;
  ObjectIntake intake_;
  std::string bytes_;
  bool done_ = false;  // committed or failed: either way nothing more can be done
};

MemoryObjectStore::MemoryObjectStore(MemoryObjectStoreOptions options)
    : options_(std::move(options)), presigner_(options_.presigner) {}
MemoryObjectStore::~MemoryObjectStore() = default;

Timestamp MemoryObjectStore::now() const {
  return options_.clock != nullptr ? options_.clock->now() : SystemClock().now();
}

Result<MemoryObjectStore::Object> MemoryObjectStore::find(std::string_view key) const {
  TRY(check_object_key(key));
  std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return not_found_error("There is no such object.");
  return found->second;
}

Result<void> MemoryObjectStore::store(Object object) {
  std::lock_guard lock(mutex_);
  const auto old = objects_.find(object.info.key);
  const std::uint64_t freed = old == objects_.end() ? 0 : old->second.info.size;
  const std::uint64_t used = used_bytes_ - freed + object.info.size;
  if (used > options_.capacity_bytes) return storage_full_error("The memory store is full.");
  used_bytes_ = used;
  std::string key = object.info.key;
  objects_.insert_or_assign(std::move(key), std::move(object));
  return {};
}

Result<std::unique_ptr<ObjectWriter>> MemoryObjectStore::put(const PutSpec& spec) {
  return std::unique_ptr<ObjectWriter>(
      std::make_unique<Writer>(*this, TRY(ObjectIntake::create(spec))));
}

Result<OpenObject> MemoryObjectStore::open(std::string_view key, std::optional<ByteRange> range) {
  Object object = TRY(find(key));
  const ByteSpan span = TRY(resolve_range(range, object.info.size));
  auto fd = TRY(memfd_with(*object.bytes));
  return OpenObject{std::move(object.info), std::move(fd), span.offset, span.length};
}

Result<ObjectInfo> MemoryObjectStore::head(std::string_view key) { return TRY(find(key)).info; }

Result<ObjectInfo> MemoryObjectStore::copy(std::string_view from, std::string_view to,
                                           std::string_view if_etag) {
  TRY(check_object_key(to));
  Object object = TRY(find(from));
  if (!if_etag.empty() && object.info.etag != if_etag) return stale_error();
  object.info.key = to;
  ObjectInfo info = object.info;
  TRY(store(std::move(object)));
  return info;
}

Result<void> MemoryObjectStore::remove(std::string_view key) {
  TRY(check_object_key(key));
  std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return {};
  used_bytes_ -= found->second.info.size;
  objects_.erase(found);
  return {};
}

Result<std::size_t> MemoryObjectStore::remove_prefix(std::string_view prefix) {
  TRY(check_removal_prefix(prefix));
  std::lock_guard lock(mutex_);
  std::size_t removed = 0;
  auto at = objects_.lower_bound(prefix);
  while (at != objects_.end() && at->first.starts_with(prefix)) {
    if (at->first.find('/', prefix.size()) != std::string::npos) {
      ++at;
      continue;
    }
    used_bytes_ -= at->second.info.size;
    at = objects_.erase(at);
    ++removed;
  }
  return removed;
}

Result<ObjectPage> MemoryObjectStore::list(std::string_view prefix, std::string_view continuation,
                                           std::size_t limit) {
  TRY(check_list_prefix(prefix));
  limit = std::clamp<std::size_t>(limit, 1, kMaxListPage);
  std::string after;
  if (!continuation.empty()) after = TRY(parse_continuation(continuation));
  std::lock_guard lock(mutex_);
  auto at = after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(after);
  ObjectPage page;
  for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
    if (page.objects.size() == limit) {
      page.next = make_continuation(page.objects.back().key);
      break;
    }
    page.objects.push_back(at->second.info);
  }
  return page;
}

Result<PresignedUrl> MemoryObjectStore::presign_put(const PresignPut& request) {
  return presigner_.put(request);
}
Result<PresignedUrl> MemoryObjectStore::presign_get(const PresignGet& request) {
  return presigner_.get(request);
}
Result<PresignedPost> MemoryObjectStore::presign_post(const PresignPost& request) {
  return presigner_.post(request);
}

}  // namespace tintype
