#include "s3/retry_policy.h"

#include "core/dates.h"
#include "s3/retry.h"
#include "support/results.h"

#include <catch2/catch.hpp>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

RetryReason reason(int status, std::string_view code = "") {
  return retry_reason(Error(ErrorCode::internal, "").with_http_status(status).with_service_code(code));
}
RetryReason reason(ErrorCode code) { return retry_reason(Error(code, "")); }

}  // namespace

TEST_CASE("the failures of a service that pass by themselves") {
  CHECK(reason(429) == RetryReason::throttled);
  for (const int status : {500, 502, 503, 504}) CHECK(reason(status) == RetryReason::transient);
  CHECK(reason(503, "SlowDown") == RetryReason::throttled);
  CHECK(reason(400, "RequestTimeout") == RetryReason::transient);
  CHECK(reason(200, "InternalError") == RetryReason::transient);
  CHECK(reason(200, "ServiceUnavailable") == RetryReason::transient);
}

TEST_CASE("F7: refusals do not pass by themselves") {
  for (const int status : {301, 304, 307, 400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 416, 417, 501, 505, 507}) {
    INFO(status);
    CHECK(reason(status) == RetryReason::none);
  }
  for (const char* code :
       {"AccessDenied", "SignatureDoesNotMatch", "NoSuchKey", "BadDigest", "slowdown", "InternalErrors"})
    CHECK(reason(400, code) == RetryReason::none);
  CHECK(reason(200, "AccessDenied") == RetryReason::none);
}

TEST_CASE(
    "F42: without a reply the transport decides: a broken connection passes, a server that is somebody else does not") {
  CHECK(reason(ErrorCode::unavailable) == RetryReason::transient);
  CHECK(reason(ErrorCode::timed_out) == RetryReason::timeout);
  for (const ErrorCode code : {ErrorCode::permission_denied, ErrorCode::cancelled, ErrorCode::invalid_argument,
                               ErrorCode::corrupt, ErrorCode::internal, ErrorCode::unauthenticated})
    CHECK(reason(code) == RetryReason::none);
  CHECK(retry_reason(Error(ErrorCode::corrupt, "cut short").with_retryable(true)) == RetryReason::transient);
}

TEST_CASE("pauses are full jitter under a cap that doubles") {
  CHECK(backoff(1, 1.0, 20s) == 1s);
  CHECK(backoff(2, 1.0, 20s) == 2s);
  CHECK(backoff(5, 1.0, 20s) == 16s);
  CHECK(backoff(6, 1.0, 20s) == 20s);
  CHECK(backoff(1'000'000, 1.0, 20s) == 20s);
  CHECK(backoff(3, 0.25, 20s) == 1s);
  CHECK(backoff(3, 0.0, 20s) == 0s);
  CHECK(backoff(1, 7.0, 20s) == 1s);
  CHECK(backoff(1, 1.0, 300ms) == 300ms);
}

TEST_CASE("Retry-After is a number of seconds or a date") {
  const TimePoint now = *parse_amz_date("20130524T000000Z");
  const auto after = [&](std::string text) { return retry_after({{"retry-after", std::move(text)}}, now); };
  CHECK(after("7") == 7s);
  CHECK(after(" 0 ") == 0s);
  CHECK(after("99999999999999999999") == std::nullopt);
  CHECK(after("18446744073709551615") == 365 * 24h);
  CHECK(after(http_date(now + 9s)) == 9s);
  CHECK(after(http_date(now - 9s)) == 0s);
  for (const char* unreadable : {"", "-1", "soon", "1.5", "Fri, 24 May 2013"}) CHECK(after(unreadable) == std::nullopt);
  CHECK(retry_after({}, now) == std::nullopt);
  // By the service's own clock, where it says what time that is.
  CHECK(retry_after({{"Retry-After", http_date(now + 1h)}, {"Date", http_date(now + 1h - 4s)}}, now) == 4s);
}

TEST_CASE("the quota is never more than full and never less than empty") {
  RetryQuota quota(12);
  quota.give_back(5);
  CHECK(quota.take(10));
  CHECK_FALSE(quota.take(5));
  CHECK(quota.take(2));
  CHECK_FALSE(quota.take(1));
  quota.give_back(100);
  CHECK(quota.take(12));
  CHECK_FALSE(quota.take(1));
}

TEST_CASE("options that make no sense are refused") {
  CHECK(check_retry_options({}));
  CHECK(check_retry_options({.max_attempts = 1, .max_backoff = 0ms, .quota = 0, .retry_cost = 0, .timeout_cost = 0}));
  for (const RetryOptions& options :
       {RetryOptions{.max_attempts = 0}, RetryOptions{.max_backoff = -1ms}, RetryOptions{.quota = -1},
        RetryOptions{.retry_cost = -1}, RetryOptions{.timeout_cost = -1}})
    CHECK(code_of(check_retry_options(options)) == ErrorCode::invalid_argument);
}

TEST_CASE("without a jitter of the caller's, clients do not march in step") {
  RetryPolicy a{RetryOptions{}};
  bool differs = false;
  for (int i = 0; i < 10; ++i) {
    const double drawn = a.draw();
    CHECK(drawn >= 0.0);
    CHECK(drawn < 1.0);
    differs = differs || drawn != a.draw();
  }
  CHECK(differs);
}
