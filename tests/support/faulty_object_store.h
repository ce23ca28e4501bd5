// FaultyObjectStore: an ObjectStore that fails at a chosen call, and otherwise passes calls on. The
// calls of its writers (`write`, `commit`) are counted like its own.
//
//   FaultyObjectStore store(memory);
//   store.fail_at(3, storage_full_error("disk"));   // the third call from now fails, once
//
// May be used from any thread. The store behind it must outlive it, and it its writers.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "ports/object_store.h"

namespace tintype::testing {

class FaultyObjectStore final : public ObjectStore {
 public:
  enum class When : std::uint8_t {
    before,  // nothing was done: what the port promises for a failed put
    after,   // the work was done and its answer lost, as over a network
  };

  explicit FaultyObjectStore(ObjectStore& store) : store_(store) {}

  // The n-th call from now (1 is the next) answers `error`; a new fault replaces the old.
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

  const std::string& bucket() const override { return store_.bucket(); }
  Result<std::unique_ptr<ObjectWriter>> put(const PutSpec& spec) override {
    return call("put", [&]() -> Result<std::unique_ptr<ObjectWriter>> {
      return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, TRY(store_.put(spec))));
    });
  }
  Result<OpenObject> open(std::string_view key, std::optional<ByteRange> range = {}) override {
    return call("open", [&] { return store_.open(key, range); });
  }
  Result<ObjectInfo> head(std::string_view key) override {
    return call("head", [&] { return store_.head(key); });
  }
  Result<ObjectInfo> copy(std::string_view from, std::string_view to,
                          std::string_view if_etag = {}) override {
    return call("copy", [&] { return store_.copy(from, to, if_etag); });
  }
  Result<void> remove(std::string_view key) override {
    return call("remove", [&] { return store_.remove(key); });
  }
  Result<void> discard(std::string_view key) override {
    return call("discard", [&] { return store_.discard(key); });
  }
  Result<std::size_t> remove_prefix(std::string_view prefix) override {
    return call("remove_prefix", [&] { return store_.remove_prefix(prefix); });
  }
  Result<ObjectPage> list(std::string_view prefix, std::string_view continuation,
                          std::size_t limit) override {
    return call("list", [&] { return store_.list(prefix, continuation, limit); });
  }
  Result<PresignedUrl> presign_put(const PresignPut& request) override {
    return call("presign_put", [&] { return store_.presign_put(request); });
  }
  Result<PresignedUrl> presign_get(const PresignGet& request) override {
    return call("presign_get", [&] { return store_.presign_get(request); });
  }
  Result<PresignedPost> presign_post(const PresignPost& request) override {
    return call("presign_post", [&] { return store_.presign_post(request); });
  }
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

  class Writer final : public ObjectWriter {
   public:
    Writer(FaultyObjectStore& store, std::unique_ptr<ObjectWriter> writer)
        : store_(store), writer_(std::move(writer)) {}
    Result<void> write(std::string_view bytes) override {
      return store_.call("write", [&] { return writer_->write(bytes); });
    }
    Result<PutResult> commit() override {
      return store_.call("commit", [&] { return writer_->commit(); });
    }

   private:
    FaultyObjectStore& store_;
    std::unique_ptr<ObjectWriter> writer_;
  };

  template <typename F>
  std::invoke_result_t<F> call(std::string_view method, F&& run) {
    const std::optional<Fault> fault = count(method);
    if (!fault) return run();
    if (fault->when == When::after) (void)run();
    return fault->error;
  }

  std::optional<Fault> count(std::string_view method) {
    std::unique_lock lock(mutex_);
    const std::uint64_t number = ++calls_;
    std::optional<Fault> fault;
    if (fault_ && number >= fault_->first && number <= fault_->last) {
      fault = fault_;
      ++failures_;
    }
    const auto hook = hook_;
    lock.unlock();
    if (hook) hook(number, method);
    return fault;
  }

  ObjectStore& store_;
  mutable std::mutex mutex_;
  std::optional<Fault> fault_;
  std::function<void(std::uint64_t, std::string_view)> hook_;
  std::uint64_t calls_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace tintype::testing
