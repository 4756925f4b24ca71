// What all calls of a client may spend on retries together.
#pragma once

#include <algorithm>
#include <mutex>

namespace audiostore {

/// A bucket that retries empty and successes fill. Thread-safe.
class RetryQuota {
 public:
  /// Begins full.
  explicit RetryQuota(int capacity) : capacity_(capacity), left_(capacity) {}

  /// Takes `cost` out, or nothing if there is less.
  [[nodiscard]] bool take(int cost) {
    const std::scoped_lock lock(mutex_);
    if (cost > left_) return false;
    left_ -= cost;
    return true;
  }
  void give_back(int amount) {
    const std::scoped_lock lock(mutex_);
    left_ += std::min(amount, capacity_ - left_);
  }

 private:
  const int capacity_;
  std::mutex mutex_;
  int left_;
};

}  // namespace audiostore
