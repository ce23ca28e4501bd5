#include "fronts/server/shutdown_signals.h"

#include <utility>

namespace tintype {

ShutdownSignals::ShutdownSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

ShutdownSignals::~ShutdownSignals() {
  if (thread_.joinable()) {
    ending_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);  // pending there, and taken by its sigwait
    thread_.join();
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void ShutdownSignals::on_signal(std::function<void()> callback) {
  thread_ = std::thread([this, callback = std::move(callback)] {
    for (;;) {
      int signal = 0;
      if (sigwait(&signals_, &signal) != 0) continue;
      if (ending_) return;
      callback();
    }
  });
}

}  // namespace tintype
