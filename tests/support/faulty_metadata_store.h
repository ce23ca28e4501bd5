// FaultyMetadataStore: a MetadataStore that fails at a chosen call, and otherwise passes calls on.
//
//   FaultyMetadataStore store(memory);
//   store.fail_at(3, unavailable_error("disk"));   // the third call from now fails, once
//
// May be used from any thread. The store behind it must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "ports/metadata_store.h"

namespace tintype::testing {

class FaultyMetadataStore final : public MetadataStore {
 public:
  enum class When : std::uint8_t {
    before,  // nothing was done: what the port promises for a failed write
    after,   // the work was done and its answer lost, as over a network
  };

  explicit FaultyMetadataStore(MetadataStore& store) : store_(store) {}

  // The n-th call from now (1 is the next) answers `error`. One fault at a time; a new one replaces
  // the old.
  void fail_at(std::uint64_t n, Error error, When when = When::before) {
    std::lock_guard lock(mutex_);
    fault_ = Fault{calls_ + n, calls_ + n, std::move(error), when};
  }
  // From the n-th call on, every call answers `error` until `heal`.
  void fail_from(std::uint64_t n, Error error) {
    std::lock_guard lock(mutex_);
    fault_ = Fault{calls_ + n, UINT64_MAX, std::move(error), When::before};
  }
  void heal() {
    std::lock_guard lock(mutex_);
    fault_.reset();
  }
  // Runs before each call, with its number and the method's name; may call the store behind.
  void on_call(std::function<void(std::uint64_t, std::string_view)> hook) {
    std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }
  std::uint64_t calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }
  // How many calls were answered with an error by this class.
  std::uint64_t failures() const {
    std::lock_guard lock(mutex_);
    return failures_;
  }

  Result<void> insert(const ImageMetadata& image, const Quota& quota) override {
    return call("insert", [&] { return store_.insert(image, quota); });
  }
  Result<ImageMetadata> get(const ImageId& id) override {
    return call("get", [&] { return store_.get(id); });
  }
  Result<ImageMetadata> update(const ImageMetadata& image) override {
    return call("update", [&] { return store_.update(image); });
  }
  Result<void> remove(const ImageId& id, std::int64_t revision) override {
    return call("remove", [&] { return store_.remove(id, revision); });
  }
  Result<ImagePage> query(const ImageQuery& query) override {
    return call("query", [&] { return store_.query(query); });
  }
  Result<std::vector<TagCount>> tag_counts(const TagQuery& query) override {
    return call("tag_counts", [&] { return store_.tag_counts(query); });
  }
  Result<Usage> usage(std::string_view user_id) override {
    return call("usage", [&] { return store_.usage(user_id); });
  }
  Result<std::optional<ImageMetadata>> find_by_sha256(std::string_view user_id,
                                                      std::string_view sha256_hex) override {
    return call("find_by_sha256", [&] { return store_.find_by_sha256(user_id, sha256_hex); });
  }
  Result<std::vector<ImageMetadata>> due(Timestamp now, std::size_t limit) override {
    return call("due", [&] { return store_.due(now, limit); });
  }
  Result<std::vector<ImageMetadata>> scan(const std::optional<ImageId>& after,
                                          std::size_t limit) override {
    return call("scan", [&] { return store_.scan(after, limit); });
  }
  Result<IdempotencyState> begin_idempotent(const IdempotencyRequest& request) override {
    return call("begin_idempotent", [&] { return store_.begin_idempotent(request); });
  }
  Result<void> finish_idempotent(std::string_view key, std::string_view holder,
                                 const StoredAnswer& answer) override {
    return call("finish_idempotent", [&] { return store_.finish_idempotent(key, holder, answer); });
  }
  Result<void> abandon_idempotent(std::string_view key, std::string_view holder) override {
    return call("abandon_idempotent", [&] { return store_.abandon_idempotent(key, holder); });
  }
  Result<std::size_t> forget_idempotent(Timestamp now) override {
    return call("forget_idempotent", [&] { return store_.forget_idempotent(now); });
  }
  bool supports_search() const override { return store_.supports_search(); }
  Result<void> check() override {
    return call("check", [&] { return store_.check(); });
  }

 private:
  struct Fault {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    Error error;
    When when = When::before;
  };

  template <typename F>
  std::invoke_result_t<F> call(std::string_view method, F&& run) {
    const std::optional<Fault> fault = count(method);
    if (!fault) return run();
    if (fault->when == When::after) (void)run();
    return fault->error;
  }

  // Counts one call; the fault when this call is to fail.
  std::optional<Fault> count(std::string_view method) {
    std::unique_lock lock(mutex_);
    const std::uint64_t n = ++calls_;
    const auto hook = hook_;
    const bool fails = fault_ && n >= fault_->first && n <= fault_->last;
    const std::optional<Fault> fault = fails ? fault_ : std::nullopt;
    if (fails) ++failures_;
    lock.unlock();
    if (hook) hook(n, method);
    return fault;
  }

  MetadataStore& store_;
  mutable std::mutex mutex_;
  std::uint64_t calls_ = 0;
  std::uint64_t failures_ = 0;
  std::optional<Fault> fault_;
  std::function<void(std::uint64_t, std::string_view)> hook_;
};

}  // namespace tintype::testing
