// Which failures pass by themselves, and how long to wait for that. The numbers are botocore's ("standard" mode).
#pragma once

#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace audiostore {

/// Why a failed request may be made again.
enum class RetryReason {
  none,       ///< it may not: it would fail again, or nobody knows what it did
  transient,  ///< the service or the network failed
  throttled,  ///< the service asks for fewer requests, and has done nothing
  timeout,    ///< nothing came back in time
};

/// The one place that decides it. `error` is that of one attempt; that the caller's own callbacks or deadline are not
/// behind it is the caller's to know.
RetryReason retry_reason(const Error& error);

/// True for the codes with which AWS's services ask for fewer requests, whatever the status.
bool is_throttling_code(std::string_view service_code);

/// How long to pause after `failed` attempts (at least 1): `fraction` (0 to 1) of 1 s, 2 s, 4 s ... up to `longest`.
std::chrono::milliseconds backoff(int failed, double fraction, std::chrono::milliseconds longest);

/// How long a reply asks to wait (RFC 9110, section 10.2.3), in seconds or until a date, which is compared with the
/// reply's own Date, else with `now`. 0 for a date that has passed; nullopt for nothing, or nothing readable.
std::optional<std::chrono::milliseconds> retry_after(const Headers& reply, TimePoint now);

}  // namespace audiostore
