#include <audiostore/clock.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace audiostore {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace

std::chrono::steady_clock::time_point Clock::steady_now() const { return std::chrono::steady_clock::now(); }

bool Clock::wait(std::chrono::milliseconds duration, const std::stop_token& stop) const {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);  // more would overflow within the wait
  std::mutex mutex;
  std::condition_variable_any never;  // nobody notifies it: only the time and the stop token wake it
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, std::min(duration, longest), [] { return false; });
  return !stop.stop_requested();
}

std::shared_ptr<const Clock> system_clock() {
  static const auto clock = std::make_shared<const SystemClock>();
  return clock;
}

}  // namespace audiostore
