#include "s3/request_report.h"

#include "core/text.h"
#include "s3/operation.h"

#include <algorithm>

namespace audiostore {
namespace {

/// A body that notes how much of it was read.
class CountedSource final : public PayloadSource {
 public:
  CountedSource(Payload body, std::shared_ptr<std::atomic<std::uint64_t>> count)
      : body_(std::move(body)), count_(std::move(count)) {}
  [[nodiscard]] std::uint64_t size() const override { return body_.size(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    auto read = body_.read_at(offset, out);
    if (read) *count_ += out.size();
    return read;
  }

 private:
  Payload body_;
  std::shared_ptr<std::atomic<std::uint64_t>> count_;
};

/// The service's own id of an answer, unless it is a text to be careful with.
std::string request_id_in(const Headers& headers, std::span<const std::string_view> secrets) {
  const std::string_view id = find_header(headers, "x-amz-request-id").value_or("");
  const bool leaks = std::ranges::any_of(
      secrets, [&](std::string_view secret) { return !secret.empty() && id.find(secret) != std::string_view::npos; });
  return leaks ? "" : printable(id, 128);
}

}  // namespace

void RequestReport::begin(const S3Request& request, std::string_view host, int attempt,
                          std::chrono::milliseconds paused) {
  if (!observer_) return;
  metrics_ = {.operation = std::string(operation_of(request).name),
              .method = request.method,
              .host = std::string(host),
              .key = request.key ? request.key->str() : "",
              .attempt = attempt,
              .retry_delay = paused};
  *sent_ = 0;
  begun_ = clock_.steady_now();
}

Payload RequestReport::counted(const Payload& body) const {
  if (!observer_ || body.size() == 0) return body;
  return Payload(std::make_shared<CountedSource>(body, sent_));
}

ByteSink RequestReport::counted(ByteSink sink) {
  if (!observer_) return sink;
  return [this, sink = std::move(sink)](ByteSpan piece) {
    metrics_.bytes_received += piece.size();
    return sink(piece);
  };
}

void RequestReport::end(const Outcome& outcome, std::span<const std::string_view> secrets) noexcept {
  if (!observer_) return;
  try {
    tell(outcome, secrets);
  } catch (...) {  // the observer's own mistakes change nothing for the call
    return;
  }
}

void RequestReport::tell(const Outcome& outcome, std::span<const std::string_view> secrets) {
  metrics_.duration = std::chrono::floor<std::chrono::microseconds>(clock_.steady_now() - begun_);
  metrics_.bytes_sent = *sent_;
  if (const auto* response = std::get_if<HttpResponse>(&outcome)) {
    metrics_.http_status = response->status;
    metrics_.request_id = request_id_in(response->headers, secrets);
  } else {
    const Failure& failure = std::get<Failure>(outcome);
    metrics_.http_status = failure.reply.status != 0 ? failure.reply.status : failure.error.http_status();
    metrics_.error = failure.error.code();
    metrics_.service_code = failure.error.service_code();
    metrics_.request_id = failure.error.request_id();
  }
  observer_(metrics_);
}

}  // namespace audiostore
