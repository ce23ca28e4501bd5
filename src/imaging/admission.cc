#include "imaging/admission.h"

#include <algorithm>

namespace tintype {
namespace {

Error overloaded() {
  return Error{ErrorKind::unavailable,
               "overloaded",
               "Too many images are waiting to be processed; try again soon.",
               {}};
}

AdmissionLimits usable(AdmissionLimits limits) {
  limits.bytes = std::max<std::uint64_t>(1, limits.bytes);
  limits.jobs = std::max(1u, limits.jobs);
  return limits;
}

}  // namespace

Admission::Admission(AdmissionLimits limits) : limits_(usable(limits)) {}

Result<Admission::Ticket> Admission::admit(std::uint64_t bytes, Deadline deadline) {
  // Also what makes a job larger than everything run alone: it needs all of it.
  bytes = std::clamp<std::uint64_t>(bytes, 1, limits_.bytes);
  std::unique_lock lock(mutex_);
  if (queue_.empty() && fits(bytes)) {
    take(bytes);
    return Ticket(this, bytes);
  }
  if (queue_.size() >= limits_.waiting) return overloaded();
  Waiter self;
  self.bytes = bytes;
  auto place = queue_.insert(queue_.end(), &self);
  if (self.called.wait_until(lock, deadline, [&] { return self.admitted; }))
    return Ticket(this, bytes);
  queue_.erase(place);
  call_next();  // whoever stood behind this one may fit
  return unavailable_error("no memory or worker came free for the image in time");
}

bool Admission::fits(std::uint64_t bytes) const {
  return jobs_ < limits_.jobs && bytes <= limits_.bytes - bytes_;
}

void Admission::take(std::uint64_t bytes) {
  bytes_ += bytes;
  ++jobs_;
}

void Admission::call_next() {
  while (!queue_.empty() && fits(queue_.front()->bytes)) {
    Waiter* next = queue_.front();
    queue_.pop_front();
    take(next->bytes);
    next->admitted = true;
    next->called.notify_one();
  }
}

void Admission::release(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  bytes_ -= bytes;
  --jobs_;
  call_next();
}

std::uint32_t Admission::waiting() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(queue_.size());
}

std::uint64_t Admission::bytes_in_use() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace tintype
