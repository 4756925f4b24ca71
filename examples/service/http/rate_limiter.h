// How often somebody may do something.
#pragma once

#include <audiostore/clock.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace audio_service {

struct Rate {
  double per_second = 0;  ///< on the whole; 0 for no limit
  double at_once = 0;     ///< after a time of rest
};

/// A token bucket for each of those who ask, by `clock`'s steady time. Thread-safe. Remembers a bounded number: those
/// whose buckets are fullest are forgotten first, who then may begin anew.
class RateLimiter {
 public:
  static constexpr std::size_t most_remembered = 10'000;

  RateLimiter(const Rate& rate, std::shared_ptr<const audiostore::Clock> clock)
      : rate_(rate), clock_(std::move(clock)) {}

  /// Takes one of what `who` has; 0. Where there is none left nothing is taken, and this is how long until there is.
  std::chrono::seconds take(const std::string& who);
  /// What take() would say.
  std::chrono::seconds wait_of(const std::string& who);

  [[nodiscard]] std::size_t remembered() const;

 private:
  struct Bucket {
    double level = 0;
    std::chrono::steady_clock::time_point at;
  };
  [[nodiscard]] double level_of(const Bucket& bucket, std::chrono::steady_clock::time_point now) const;
  [[nodiscard]] std::chrono::seconds wait_at(double level) const;
  double find_level(const std::string& who, std::chrono::steady_clock::time_point now) const;
  void forget_some(std::chrono::steady_clock::time_point now);

  const Rate rate_;
  const std::shared_ptr<const audiostore::Clock> clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace audio_service
