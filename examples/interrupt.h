// Ctrl-C and SIGTERM as a std::stop_token.
#pragma once

#include <pthread.h>
#include <unistd.h>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace examples {

/// From its construction on, the first SIGINT or SIGTERM requests stop, and the second ends the process at once. To be
/// made before any other thread, so that all of them leave the signals to it.
class Interrupt {
 public:
  /// What a process ends with that a signal has stopped, as shells have it.
  static constexpr int exit_code = 128 + SIGINT;

  Interrupt() {
    const sigset_t set = signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    watcher_ = std::jthread([source = source_](const std::stop_token& over) mutable {
      const sigset_t watched = signals();
      int signal = 0;
      while (sigwait(&watched, &signal) == 0 && !over.stop_requested()) {
        if (!source.request_stop()) _exit(exit_code);
      }
    });
  }

  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  ~Interrupt() {
    watcher_.request_stop();
    pthread_kill(watcher_.native_handle(), SIGINT);  // wakes sigwait
  }

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
  }

  std::stop_source source_;
  std::jthread watcher_;
};

/// Returns when a stop is requested.
inline void wait_for(std::stop_token stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any changed;
  changed.wait(lock, std::move(stop), [] { return false; });
}

}  // namespace examples
