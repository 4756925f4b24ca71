// Connections that have had their last answer.
#pragma once

#include "http/connection.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace audio_service {

/// Closes connections when their clients have had time to read the last answer. To close one while bytes of its client
/// are unread, or on their way, is to reset it, and that can take the answer with it. Thread-safe; one thread of its
/// own waits for all of them.
class Farewells {
 public:
  Farewells() = default;
  Farewells(const Farewells&) = delete;
  Farewells& operator=(const Farewells&) = delete;

  /// Does not wait. Where too many are leaving, this one is closed at once.
  void add(std::unique_ptr<Connection> connection);

 private:
  struct Leaving {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point until;
  };
  void run(const std::stop_token& stop);
  void take_arrived(std::vector<Leaving>& leaving, const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any has_arrived_;
  std::vector<Leaving> arrived_;
  std::size_t count_ = 0;  // of those that arrived and are not closed
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

}  // namespace audio_service
