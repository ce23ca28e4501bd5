// ShutdownSignals: SIGTERM and SIGINT as a call on an ordinary thread.
//
//   ShutdownSignals signals;                     // first thing in main, before any thread
//   auto server = ...;
//   signals.on_signal([&] { server->stop(); });
//   server->run();
//
// The constructor blocks both signals in its thread, and so in all threads started later. The
// callback runs on a thread of its own, once for each signal: a second Ctrl-C can be made to mean
// more than the first. The destructor ends that thread and restores the signal mask.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace tintype {

class ShutdownSignals {
 public:
  ShutdownSignals();
  ~ShutdownSignals();
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;

  // May be called once. What the callback uses must outlive this object.
  void on_signal(std::function<void()> callback);

 private:
  sigset_t signals_;
  sigset_t before_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace tintype
