#include "http/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace audio_service {

using std::chrono::steady_clock;

std::chrono::seconds RateLimiter::take(const std::string& who) {
  if (rate_.per_second <= 0) return std::chrono::seconds(0);
  const std::scoped_lock lock(mutex_);
  const auto now = clock_->steady_now();
  const double level = find_level(who, now);
  if (level < 1) return wait_at(level);
  if (buckets_.size() >= most_remembered && !buckets_.contains(who)) forget_some(now);
  buckets_[who] = {level - 1, now};
  return std::chrono::seconds(0);
}

std::chrono::seconds RateLimiter::wait_of(const std::string& who) {
  if (rate_.per_second <= 0) return std::chrono::seconds(0);
  const std::scoped_lock lock(mutex_);
  return wait_at(find_level(who, clock_->steady_now()));
}

std::size_t RateLimiter::remembered() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

double RateLimiter::level_of(const Bucket& bucket, steady_clock::time_point now) const {
  const std::chrono::duration<double> passed = now - bucket.at;
  return std::min(rate_.at_once, bucket.level + passed.count() * rate_.per_second);
}

double RateLimiter::find_level(const std::string& who, steady_clock::time_point now) const {
  const auto found = buckets_.find(who);
  return found == buckets_.end() ? rate_.at_once : level_of(found->second, now);
}

std::chrono::seconds RateLimiter::wait_at(double level) const {
  if (level >= 1) return std::chrono::seconds(0);
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - level) / rate_.per_second)));
}

/// All who have rested, else who is nearest to it.
void RateLimiter::forget_some(steady_clock::time_point now) {
  const auto rested = [&](const auto& each) { return level_of(each.second, now) >= rate_.at_once; };
  if (std::erase_if(buckets_, rested) > 0) return;
  buckets_.erase(std::ranges::max_element(buckets_, {}, [&](const auto& each) { return level_of(each.second, now); }));
}

}  // namespace audio_service
