#include "s3/retry.h"

#include "s3/retry_policy.h"

#include <algorithm>

namespace audiostore {
namespace {

using std::chrono::milliseconds;

/// A request that may have had effect is only made again if that does no harm.
bool may_repeat(RetryReason reason, bool idempotent) {
  return reason == RetryReason::throttled || (reason != RetryReason::none && idempotent);
}

}  // namespace

RetryPolicy::RetryPolicy(const RetryOptions& options)
    : options_(options), quota_(options.quota), engine_(std::random_device()()) {}

double RetryPolicy::draw() {
  if (options_.jitter) return options_.jitter();
  const std::scoped_lock lock(mutex_);
  return std::uniform_real_distribution<double>(0, 1)(engine_);
}

Result<void> check_retry_options(const RetryOptions& options) {
  const auto refuse = [](std::string_view what) {
    return Error(ErrorCode::invalid_argument, std::string("RetryOptions::").append(what));
  };
  if (options.max_attempts < 1) return refuse("max_attempts must be at least 1");
  if (options.max_backoff < milliseconds::zero()) return refuse("max_backoff must not be negative");
  if (options.quota < 0 || options.retry_cost < 0 || options.timeout_cost < 0) {
    return refuse("quota, retry_cost and timeout_cost must not be negative");
  }
  return {};
}

Attempts::Attempts(RetryPolicy& policy, const Clock& clock, const CallOptions& call)
    : policy_(policy), clock_(clock), call_(call), started_(clock.steady_now()) {}

std::optional<milliseconds> Attempts::left() const {
  if (call_.deadline <= milliseconds::zero()) return std::nullopt;
  return call_.deadline - std::chrono::floor<milliseconds>(clock_.steady_now() - started_);
}

bool Attempts::has_time() const { return left().value_or(milliseconds(1)) > milliseconds::zero(); }

CallOptions Attempts::rest() const {
  CallOptions options{.stop = call_.stop};
  if (const auto time = left()) options.deadline = std::max(*time, milliseconds(1));  // 0 would mean no limit
  return options;
}

CallOptions Attempts::next() {
  ++requests_;
  CallOptions options = rest();
  if (call_.on_progress) {
    options.on_progress = [this](const Progress& progress) {
      if (progress.done < shown_) return;
      shown_ = progress.done;
      call_.on_progress(progress);
    };
  }
  return options;
}

Result<void> Attempts::wait_after(const Failure& failure, bool idempotent, TimePoint now) {
  const RetryOptions& options = policy_.options();
  const RetryReason reason = retry_reason(failure.error);
  if (failure.has_delivered || !may_repeat(reason, idempotent)) return failure.error;
  if (retries_ + 1 >= options.max_attempts) return failure.error;

  const milliseconds asked = retry_after(failure.reply.headers, now).value_or(milliseconds::zero());
  const milliseconds pause =
      std::max(backoff(retries_ + 1, policy_.draw(), options.max_backoff), std::min(asked, options.max_backoff));
  if (const auto time = left(); time && pause >= *time) return failure.error;
  const int cost = reason == RetryReason::timeout ? options.timeout_cost : options.retry_cost;
  if (!policy_.quota().take(cost)) return failure.error;
  last_cost_ = cost;
  ++retries_;
  if (!clock_.wait(pause, call_.stop)) return Error(ErrorCode::cancelled, "the caller asked to stop");
  return {};
}

void Attempts::got_on(std::uint64_t bytes) {
  constexpr std::uint64_t worth_a_request = std::uint64_t{1} << 20;
  if (bytes >= worth_a_request) succeeded();
  retries_ = 0;
}

void Attempts::succeeded() { policy_.quota().give_back(has_retried() ? last_cost_ : 1); }

}  // namespace audiostore
