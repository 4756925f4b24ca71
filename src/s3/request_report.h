// What one attempt at a request is told of to the caller's observer.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/http.h>
#include <audiostore/request_metrics.h>

#include "s3/failure.h"
#include "s3/s3_client.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string_view>

namespace audiostore {

/// Begins with the attempt; does nothing where nobody observes. On the attempt's thread. All arguments must outlive it.
class RequestReport {
 public:
  RequestReport(const RequestObserver& observer, const Clock& clock) : observer_(observer), clock_(clock) {}

  /// What is known before `request` is sent to `host` as the `attempt`-th of its call, after a pause.
  void begin(const S3Request& request, std::string_view host, int attempt, std::chrono::milliseconds paused);

  /// The same body and sink, counted.
  [[nodiscard]] Payload counted(const Payload& body) const;
  [[nodiscard]] ByteSink counted(ByteSink sink);

  /// Tells the observer. Nothing that it throws gets out, and none of `secrets` gets to it.
  void end(const Outcome& outcome, std::span<const std::string_view> secrets) noexcept;

 private:
  void tell(const Outcome& outcome, std::span<const std::string_view> secrets);

  const RequestObserver& observer_;
  const Clock& clock_;
  std::chrono::steady_clock::time_point begun_;
  RequestMetrics metrics_;
  std::shared_ptr<std::atomic<std::uint64_t>> sent_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace audiostore
