// The key that list cursors and signed rendition links are authenticated with: the same in all
// replicas. Where it lies in a store behind a network, it is fetched when it is first needed.
//
// Thread-safe; copies share what was fetched.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace tintype {

class DeploymentSecret {
 public:
  using Fetch = std::function<Result<std::string>()>;

  DeploymentSecret(std::string known = {}) : state_(std::make_shared<State>(std::move(known))) {}
  explicit DeploymentSecret(Fetch fetch) : DeploymentSecret() { state_->fetch = std::move(fetch); }

  // At least 32 bytes. Errors: those of fetching it; the next call tries again.
  Result<std::string> get() const {
    std::lock_guard lock(state_->mutex);
    if (state_->fetch) {
      state_->known = TRY(state_->fetch());
      state_->fetch = nullptr;
    }
    return state_->known;
  }

 private:
  struct State {
    explicit State(std::string secret) : known(std::move(secret)) {}
    std::mutex mutex;
    std::string known;
    Fetch fetch;  // null once it is known
  };
  std::shared_ptr<State> state_;
};

}  // namespace tintype
