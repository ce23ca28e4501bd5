// Admission: who may start, by what it will cost. First come, first served.
//
// A job says how much memory it is predicted to take and waits until that much, and one of the
// places for jobs, is free. Nobody overtakes: a large job at the head of the queue holds back the
// small ones behind it until there is room, and so is never starved. A job predicted larger than
// all there is waits until nothing else runs and then runs alone.
//
// Threading: any thread may call anything. Tickets must be gone before the Admission is.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace tintype {

struct AdmissionLimits {
  std::uint64_t bytes = 0;     // of all jobs that run
  std::uint32_t jobs = 1;      // that run at once
  std::uint32_t waiting = 64;  // more are refused at once
};

class Admission {
 public:
  // Held while the job runs; gives back what it took when it goes.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (owner_) owner_->release(bytes_);
    }

   private:
    friend class Admission;
    Ticket(Admission* owner, std::uint64_t bytes) : owner_(owner), bytes_(bytes) {}
    Admission* owner_;
    std::uint64_t bytes_;
  };

  explicit Admission(AdmissionLimits limits);
  Admission(const Admission&) = delete;

  // Errors: `unavailable`, with code `overloaded` at once when too many wait already, otherwise
  // when the deadline passes first.
  Result<Ticket> admit(std::uint64_t bytes, Deadline deadline);

  std::uint32_t waiting() const;
  std::uint64_t bytes_in_use() const;

 private:
  struct Waiter {
    std::uint64_t bytes = 0;
    bool admitted = false;
    std::condition_variable called;
  };
  bool fits(std::uint64_t bytes) const;
  void take(std::uint64_t bytes);
  void call_next();
  void release(std::uint64_t bytes);

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  std::list<Waiter*> queue_;  // the longest waiting first; each lives on its caller's stack
  std::uint64_t bytes_ = 0;
  std::uint32_t jobs_ = 0;
};

}  // namespace tintype
