// Short exchanges with the services that hand out credentials.
#pragma once

#include <audiostore/http.h>

#include "core/call_guard.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace audiostore {

inline constexpr std::size_t max_reply_bytes = std::size_t{64} * 1024;

/// A reply with all of its body, which may hold secrets and is wiped.
class SmallReply {
 public:
  SmallReply(int status, std::string body) : status_(status), body_(std::move(body)) {}
  SmallReply(SmallReply&&) noexcept = default;
  SmallReply& operator=(SmallReply&&) noexcept = default;
  ~SmallReply();

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }

 private:
  int status_;
  std::string body_;
};

/// Sends `request` and collects the reply, whatever its status. It ends with its own deadline, and with `call`. Errors:
/// those of the transport; corrupt (a body of more than max_reply_bytes).
Result<SmallReply> exchange_small(HttpTransport& transport, HttpRequest request, const CallGuard& call);

/// The Error for a status that is no success: unavailable for what may pass, otherwise unauthenticated. `who` answered.
Error refusal(std::string_view who, int status);

/// A body that is wiped when it has been sent.
Payload secret_payload(std::string text);

/// A transport that is made when it is first needed, unless one was given. Thread-safe.
class LazyTransport {
 public:
  LazyTransport(std::shared_ptr<HttpTransport> given, CurlTransportOptions options)
      : transport_(std::move(given)), options_(std::move(options)) {}

  /// Errors: those of make_curl_transport.
  Result<std::shared_ptr<HttpTransport>> get();

 private:
  std::mutex mutex_;
  std::shared_ptr<HttpTransport> transport_;
  const CurlTransportOptions options_;
};

}  // namespace audiostore
