// What became of each request to a service, for logs and dashboards.
#pragma once

#include <audiostore/error.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace audiostore {

/// One attempt that was sent. It names no header and no part of a URL but the host, so that nothing secret can be in
/// it; `key` is what the caller's users may have named.
struct RequestMetrics {
  std::string operation;  ///< S3's own name: "PutObject", "UploadPart" ...
  std::string method;
  std::string host;  ///< as the Host header had it
  std::string key;   ///< empty for requests to the bucket
  int attempt = 1;   ///< of its call, counted from 1; those of an upload's parts count for themselves
  /// How long the call paused before it, to retry.
  std::chrono::milliseconds retry_delay{0};
  int http_status = 0;                    ///< 0: no response came, or it broke off
  std::optional<ErrorCode> error = {};    ///< absent: a success
  std::string service_code = {};          ///< S3's code of a refusal, e.g. "SlowDown"
  std::string request_id = {};            ///< as the service tells it, also of a success; for its support
  std::chrono::microseconds duration{0};  ///< until the last byte, by the store's clock
  std::uint64_t bytes_sent = 0;           ///< of the body, as far as the connection took them
  std::uint64_t bytes_received = 0;       ///< of the body
};

/// Called once for each attempt when it has ended, on the thread that made it: of a transfer in parts on several
/// threads at once. It must be quick and must not call the store; what it throws is swallowed.
using RequestObserver = std::function<void(const RequestMetrics&)>;

}  // namespace audiostore
