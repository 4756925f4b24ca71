#include "interrupt.h"

#include "exit_code.h"

#include <pthread.h>
#include <unistd.h>
#include <csignal>

namespace cli {
namespace {

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watcher_ = std::jthread([source = source_](const std::stop_token& over) mutable {
    const sigset_t watched = signals();
    int signal = 0;
    while (sigwait(&watched, &signal) == 0 && !over.stop_requested()) {
      if (!source.request_stop()) _exit(static_cast<int>(ExitCode::interrupted));
    }
  });
}

Interrupt::~Interrupt() {
  watcher_.request_stop();
  pthread_kill(watcher_.native_handle(), SIGINT);  // wakes sigwait
}

}  // namespace cli
