#include "s3/retry_policy.h"

#include "core/dates.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace audiostore {
namespace {

// botocore 1.29: retries/standard.py, ThrottledRetryableChecker.
constexpr std::array<std::string_view, 14> throttling_codes{"Throttling",
                                                            "ThrottlingException",
                                                            "ThrottledException",
                                                            "RequestThrottledException",
                                                            "TooManyRequestsException",
                                                            "ProvisionedThroughputExceededException",
                                                            "TransactionInProgressException",
                                                            "RequestLimitExceeded",
                                                            "BandwidthLimitExceeded",
                                                            "LimitExceededException",
                                                            "RequestThrottled",
                                                            "SlowDown",
                                                            "PriorRequestNotComplete",
                                                            "EC2ThrottledException"};

/// What S3 says in a 400, or in the body of a 200 when it fails after the status line has left.
constexpr std::array<std::string_view, 4> transient_codes{"RequestTimeout", "RequestTimeoutException", "InternalError",
                                                          "ServiceUnavailable"};

struct StatusRow {
  int status;
  RetryReason reason;
};
constexpr std::array by_status{StatusRow{429, RetryReason::throttled}, StatusRow{500, RetryReason::transient},
                               StatusRow{502, RetryReason::transient}, StatusRow{503, RetryReason::transient},
                               StatusRow{504, RetryReason::transient}};

/// No reply came: the transport knows whether that can pass. Broken TLS, for one, does not.
RetryReason reason_without_reply(const Error& error) {
  if (!error.retryable()) return RetryReason::none;
  return error.code() == ErrorCode::timed_out ? RetryReason::timeout : RetryReason::transient;
}

}  // namespace

bool is_throttling_code(std::string_view service_code) {
  return std::ranges::find(throttling_codes, service_code) != throttling_codes.end();
}

RetryReason retry_reason(const Error& error) {
  if (error.http_status() == 0) return reason_without_reply(error);
  if (is_throttling_code(error.service_code())) return RetryReason::throttled;
  if (std::ranges::find(transient_codes, error.service_code()) != transient_codes.end()) return RetryReason::transient;
  const auto row = std::ranges::find(by_status, error.http_status(), &StatusRow::status);
  return row == by_status.end() ? RetryReason::none : row->reason;
}

std::chrono::milliseconds backoff(int failed, double fraction, std::chrono::milliseconds longest) {
  constexpr int enough_doublings = 20;  // twelve days: `longest` has long taken over, and nothing overflows
  const std::chrono::milliseconds whole =
      std::chrono::seconds(std::int64_t{1} << std::clamp(failed - 1, 0, enough_doublings));
  const auto most = static_cast<double>(std::min(whole, longest).count());
  return std::chrono::milliseconds(std::llround(std::clamp(fraction, 0.0, 1.0) * most));
}

std::optional<std::chrono::milliseconds> retry_after(const Headers& reply, TimePoint now) {
  constexpr std::uint64_t longest_seconds = std::uint64_t{365} * 24 * 3600;
  const std::string_view text = trim(find_header(reply, "Retry-After").value_or(""));
  if (const auto seconds = parse_decimal(text)) return std::chrono::seconds(std::min(*seconds, longest_seconds));
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  const TimePoint from = parse_http_date(find_header(reply, "Date").value_or("")).value_or(now);
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(*date - from, TimePoint::duration::zero()));
}

}  // namespace audiostore
