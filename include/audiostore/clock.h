// Where the library takes the time from, and where it waits, so that a test can give it another.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

namespace audiostore {

/// An instant of wall-clock time (UTC).
using TimePoint = std::chrono::system_clock::time_point;

/// A source of wall-clock time. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;

  /// For measuring how long something takes: never goes back, whatever happens to now(). The default is the machine's
  /// monotonic clock; a clock that replaces wait() replaces this too.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const;

  /// Returns true when `duration` has passed, or false at once when `stop` is requested; true at once for a duration
  /// that is not positive, unless stop is requested already. The only way in which the library waits for time to pass.
  [[nodiscard]] virtual bool wait(std::chrono::milliseconds duration, const std::stop_token& stop) const;
};

/// The machine's clock; the default wherever a clock can be given.
std::shared_ptr<const Clock> system_clock();

}  // namespace audiostore
