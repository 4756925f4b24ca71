// The attempts of one call: how often, how long apart, until when.
#pragma once

#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/retry.h>

#include "s3/failure.h"
#include "s3/retry_quota.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <random>

namespace audiostore {

/// What the calls of a client share. Thread-safe.
class RetryPolicy {
 public:
  explicit RetryPolicy(const RetryOptions& options);

  [[nodiscard]] const RetryOptions& options() const noexcept { return options_; }
  RetryQuota& quota() noexcept { return quota_; }
  /// A number from 0 to 1.
  double draw();

 private:
  const RetryOptions options_;
  RetryQuota quota_;
  std::mutex mutex_;
  std::minstd_rand engine_;  // good enough to keep clients from marching in step
};

/// Errors: invalid_argument, naming what is out of range.
Result<void> check_retry_options(const RetryOptions& options);

/// The attempts of one call, on its thread. All arguments must outlive it.
class Attempts {
 public:
  Attempts(RetryPolicy& policy, const Clock& clock, const CallOptions& call);

  /// Begins the next attempt: the caller's options, with what is left of the deadline, and with progress that does not
  /// go back when bytes are sent again.
  CallOptions next();

  /// The caller's options for something else that belongs to the call: what is left of the deadline, no progress.
  [[nodiscard]] CallOptions rest() const;

  /// Waits until `failure` may be followed by another attempt; `idempotent` as in S3Request. `now` is the service's
  /// time. Errors: cancelled when the wait is stopped; `failure`'s own when there must be no other attempt: it would
  /// not help, the attempts or the client's quota are used up, or the wait would outlast the deadline.
  Result<void> wait_after(const Failure& failure, bool idempotent, TimePoint now);

  /// The attempt that has just failed brought `bytes` that stay of use: the next failure is a first one again. Where
  /// they were worth a request (1 MiB), it costs the client's quota no more than a success; less could go on for ever.
  void got_on(std::uint64_t bytes);

  /// Gives back what the retries of others can use.
  void succeeded();

  /// True when an attempt may go on at once, because it will not fail in the same way.
  [[nodiscard]] bool has_time() const;

  /// To be told of each refusal: the transport may have sent the request more than once to get it.
  void replied(const HttpResponse& reply) { sent_again_ = sent_again_ || reply.sends > 1; }

  [[nodiscard]] int requests() const noexcept { return requests_; }  ///< begun so far
  [[nodiscard]] bool has_retried() const noexcept { return retries_ > 0; }
  /// True when the request was sent before, so that it may have had effect already.
  [[nodiscard]] bool was_repeated() const noexcept { return has_retried() || sent_again_; }

 private:
  [[nodiscard]] std::optional<std::chrono::milliseconds> left() const;  // of the deadline; absent: there is none

  RetryPolicy& policy_;
  const Clock& clock_;
  const CallOptions& call_;
  const std::chrono::steady_clock::time_point started_;
  int requests_ = 0;
  int retries_ = 0;
  int last_cost_ = 0;
  bool sent_again_ = false;
  std::uint64_t shown_ = 0;  // the most progress that the caller was told of
};

}  // namespace audiostore
