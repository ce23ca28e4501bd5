// SingleFlight: of several callers who want the same thing at the same time, one does the work and
// the others wait for what comes of it.
//
// Threading: any thread; callers wait on their own threads. T is copied to each of them.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"

namespace tintype {

template <typename T>
class SingleFlight {
 public:
  using Work = std::function<Result<T>()>;

  // What `work` returns, run by this caller or by one who asked for the same `key` before. Nobody
  // waits beyond their own deadline (`timeout`). An error that says more of the worker than of the
  // work (no time, no room) is the worker's own: one of those who waited tries in turn.
  Result<T> run(const std::string& key, Deadline deadline, const Work& work) {
    while (true) {
      std::unique_lock lock(mutex_);
      auto [entry, first] = flights_.try_emplace(key);
      if (first) entry->second = std::make_shared<Flight>();
      std::shared_ptr<Flight> flight = entry->second;
      if (first) {
        lock.unlock();
        return lead(key, *flight, work);
      }
      ++flight->followers;
      const bool landed =
          flight->landed.wait_until(lock, deadline, [&] { return flight->result.has_value(); });
      --flight->followers;
      if (!landed) return timeout_error("The picture is still being made.");
      if (flight->result->ok() || !is_leaders_own(flight->result->error())) return *flight->result;
    }
  }

  // How many wait for `key`, for tests.
  std::size_t waiting(const std::string& key) const {
    std::lock_guard lock(mutex_);
    const auto found = flights_.find(key);
    return found == flights_.end() ? 0 : found->second->followers;
  }

 private:
  struct Flight {
    std::optional<Result<T>> result;  // guarded by mutex_, as all here
    std::size_t followers = 0;
    std::condition_variable landed;
  };

  static bool is_leaders_own(const Error& error) {
    return error.is(ErrorKind::unavailable) || error.is(ErrorKind::timeout);
  }

  Result<T> lead(const std::string& key, Flight& flight, const Work& work) {
    Result<T> result = attempt(work);
    std::lock_guard lock(mutex_);
    flight.result = result;
    flights_.erase(key);
    flight.landed.notify_all();
    return result;
  }

  // Without this, a lack of memory would leave the others waiting.
  static Result<T> attempt(const Work& work) try {
    return work();
  } catch (const std::exception& e) {
    return unavailable_error(e.what());
  }

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace tintype
