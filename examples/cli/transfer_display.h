// Progress bars on a terminal: one for each transfer under way, and a line for all of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace cli {

/// Draws on standard error where that is a terminal, and nothing anywhere else. Thread-safe.
class TransferDisplay {
 public:
  /// Of `transfers` transfers with `total` bytes together. `wanted`: false for none in any case.
  TransferDisplay(bool wanted, std::size_t transfers, std::uint64_t total);
  TransferDisplay(const TransferDisplay&) = delete;
  TransferDisplay& operator=(const TransferDisplay&) = delete;
  ~TransferDisplay();

  void begin(std::size_t id, std::string label, std::uint64_t size);
  void update(std::size_t id, std::uint64_t done, std::uint64_t size);
  void end(std::size_t id);

  /// Calls `print` with the bars out of its way.
  void print(const std::function<void()>& print);

 private:
  struct Transfer {
    std::size_t id;
    std::string label;
    std::uint64_t done;
    std::uint64_t size;
  };
  using SteadyTime = std::chrono::steady_clock::time_point;

  void keep_drawing(const std::stop_token& over);
  void draw();
  void erase();
  [[nodiscard]] std::string total_line() const;

  const bool shown_;
  const std::size_t transfers_;
  std::uint64_t total_;
  const SteadyTime start_;
  std::mutex mutex_;
  std::vector<Transfer> active_;
  std::size_t ended_ = 0;
  std::uint64_t done_ = 0;  // of all
  std::size_t lines_ = 0;   // on the screen now
  std::condition_variable_any wake_;
  std::jthread painter_;  // draws though nothing moves: a transfer that stalls shows where
};

}  // namespace cli
