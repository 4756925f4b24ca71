// A clock that stands still until it is told to move, or until somebody waits by it.
#pragma once

#include <audiostore/clock.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace audiostore {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint(std::chrono::seconds(1'369'353'600)))  // 2013-05-24T00:00:00Z
      : ticks_(start.time_since_epoch().count()) {}

  [[nodiscard]] TimePoint now() const override { return TimePoint(TimePoint::duration(ticks_.load())); }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(TimePoint::duration(elapsed_.load()));
  }
  void advance(TimePoint::duration by) const {
    ticks_ += by.count();
    elapsed_ += by.count();
  }
  /// As when somebody sets the machine's clock: steady_now() knows nothing of it.
  void set(TimePoint time) { ticks_ = time.time_since_epoch().count(); }

  /// Takes no time at all: the clock is moved on by `duration`.
  [[nodiscard]] bool wait(std::chrono::milliseconds duration, const std::stop_token& stop) const override {
    {
      const std::scoped_lock lock(mutex_);
      waits_.push_back(duration);
    }
    if (while_waiting) while_waiting();
    if (stop.stop_requested()) return false;
    advance(duration);
    return true;
  }
  /// Every wait so far, in their order.
  [[nodiscard]] std::vector<std::chrono::milliseconds> waits() const {
    const std::scoped_lock lock(mutex_);
    return waits_;
  }

  /// What happens during a wait, e.g. a stop request. To be set before anybody waits.
  std::function<void()> while_waiting;

 private:
  mutable std::atomic<TimePoint::rep> ticks_;
  mutable std::atomic<TimePoint::rep> elapsed_ = 0;
  mutable std::mutex mutex_;
  mutable std::vector<std::chrono::milliseconds> waits_;
};

}  // namespace audiostore
