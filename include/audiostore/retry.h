// How patiently a request is made again that failed for a reason that passes.
#pragma once

#include <chrono>
#include <functional>

namespace audiostore {

/// The numbers are those of the AWS SDKs' "standard" retry mode, as botocore has them
/// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
struct RetryOptions {
  /// Requests that one call may cost, the first included; 1 for no retry. Requests that are made again because the
  /// service said how (another region, newer credentials, the right time) are not counted here; they have bounds of
  /// their own.
  int max_attempts = 3;

  /// The longest pause between two of them. A pause is a random part of 1 s, 2 s, 4 s ..., and as long as the service
  /// asks for in Retry-After, but never longer than this.
  std::chrono::milliseconds max_backoff = std::chrono::seconds(20);

  /// What all calls of a store may spend on retries together: a retry costs retry_cost, or timeout_cost after a
  /// time-out; a success gives back what its retry cost, or 1 if it needed none. When it is spent, calls fail without
  /// retries, so that a service that is down is not hammered, until successes come again.
  int quota = 500;
  int retry_cost = 5;
  int timeout_cost = 10;

  /// Draws the random part: a number from 0 (included) to 1. Thread-safe. Absent: a generator of the library's own.
  std::function<double()> jitter = {};
};

}  // namespace audiostore
