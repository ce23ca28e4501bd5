// RenditionQueue: renditions that nobody waits for, made in the background, one after the other.
//
// Threading: `push` from any thread, never blocking. The thread starts with the first job.
// Destruction waits for the job under way and drops those that wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>

namespace tintype {

class RenditionQueue {
 public:
  // Says whether the job came to something. If not, it is not worth trying again soon.
  using Job = std::function<bool()>;

  explicit RenditionQueue(std::size_t capacity) : capacity_(capacity) {}
  ~RenditionQueue();
  RenditionQueue(const RenditionQueue&) = delete;
  RenditionQueue& operator=(const RenditionQueue&) = delete;

  // Runs the job later. Does nothing when one of that key waits, runs, or came to nothing before,
  // and when the queue is full.
  void push(const std::string& key, Job job);

  // A job of that key came to nothing, here or elsewhere.
  void give_up(const std::string& key);
  bool is_given_up(const std::string& key) const;

  // Waits until nothing is left to do, for tests.
  void drain();

 private:
  struct Waiting {
    std::string key;
    Job job;
  };
  bool start() noexcept;  // with the lock held
  void run();
  void remember_futile(const std::string& key);  // with the lock held

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Waiting> waiting_;
  std::unordered_set<std::string> known_;   // wait or run
  std::unordered_set<std::string> futile_;  // came to nothing
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tintype
