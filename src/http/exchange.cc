#include "http/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace audiostore {

Exchange::Exchange(const HttpRequest& request, const ResponseHandler& handler, const ExchangeLimits& limits)
    : request_(request),
      handler_(handler),
      guard_(request.call),
      head_(request.method, limits.max_header_bytes),
      refusal_timeout_(limits.refusal_timeout) {}

template <class F>
bool Exchange::attempt(std::string_view what, F&& step) {
  if (failure_) return false;
  Result<void> done = call_guarded(what, std::forward<F>(step));
  if (!done) failure_ = std::move(done).error();
  return !failure_;
}

std::optional<std::size_t> Exchange::give_body(std::span<std::byte> out) {
  const std::uint64_t left = request_.body.size() - std::min(body_offset_, request_.body.size());
  const auto piece = out.first(std::min<std::uint64_t>(out.size(), left));
  const bool read = piece.empty() || attempt("the payload", [&] { return request_.body.read_at(body_offset_, piece); });
  if (!read) return std::nullopt;
  body_offset_ += piece.size();
  return piece.size();
}

bool Exchange::rewind_body(std::uint64_t offset) {
  if (offset > request_.body.size()) return false;
  body_offset_ = offset;
  return true;
}

bool Exchange::take_header_line(std::string_view line) {
  return attempt("reading the response's headers", [&]() -> Result<void> {
    const auto ended = head_.add_line(line);
    if (!ended) return ended.error();
    return *ended ? open_body() : Result<void>();
  });
}

Result<void> Exchange::open_body() {
  head_.note_sends(std::max(1, sends_));
  if (status() / 100 != 2) refused_at_ = std::chrono::steady_clock::now();
  auto sink = call_guarded("the response handler", [&] { return handler_(head_.response()); });
  if (!sink) return std::move(sink).error();
  sink_ = std::move(*sink);
  return {};
}

bool Exchange::take_body(ByteSpan bytes) {
  return attempt("the byte sink", [&]() -> Result<void> {
    if (bytes.empty()) return {};
    if (!head_.complete()) return Error(ErrorCode::unavailable, "the server sent a body without a header section");
    received_ += bytes.size();
    if (received_ > head_.body_length().value_or(received_)) {
      return Error(ErrorCode::corrupt, "the response's body is longer than announced");
    }
    return sink_(bytes);
  });
}

bool Exchange::advance(std::uint64_t sent) {
  sent_ = std::max(sent_, std::min(sent, request_.body.size()));
  return attempt("the progress callback", [&] { return check_refusal().and_then([&] { return report(); }); });
}

Result<void> Exchange::check_refusal() const {
  const bool limited = refused_at_ && refusal_timeout_ > std::chrono::milliseconds::zero();
  if (!limited || std::chrono::steady_clock::now() - *refused_at_ < refusal_timeout_) return {};
  return Error(ErrorCode::timed_out, fmt::format("the server answered {}, but the body did not end within {} ms",
                                                 status(), refusal_timeout_.count()))
      .with_http_status(status());
}

Progress Exchange::progress() const noexcept {
  if (request_.body.size() != 0) return {sent_, request_.body.size()};
  return {received_, head_.complete() ? head_.body_length().value_or(0) : 0};
}

Result<void> Exchange::report() {
  const Progress now = progress();
  if (reported_ == now.done) return guard_.check();
  reported_ = now.done;
  return guard_.advance(now);
}

bool Exchange::has_whole_response() const noexcept { return head_.complete() && head_.body_length() == received_; }

Result<HttpResponse> Exchange::finish() {
  if (!failure_ && !head_.complete()) failure_ = Error(ErrorCode::unavailable, "the server sent no response");
  if (!failure_ && head_.body_length() && !has_whole_response()) {
    failure_ = Error(ErrorCode::corrupt,
                     fmt::format("the response's body ended after {} of {} bytes", received_, *head_.body_length()))
                   .with_retryable(true);
  }
  if (!failure_) attempt("the progress callback", [&] { return report(); });
  if (failure_) return *std::move(failure_);
  return head_.response();
}

}  // namespace audiostore
