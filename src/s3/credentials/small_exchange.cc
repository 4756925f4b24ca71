#include "s3/credentials/small_exchange.h"

#include "core/crypto.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

/// `call`, but no longer than `limit`.
CallOptions shorter(std::chrono::milliseconds limit, CallOptions call) {
  const bool unlimited = call.deadline <= std::chrono::milliseconds::zero();
  call.deadline = unlimited ? limit : std::min(limit, call.deadline);
  call.on_progress = {};
  return call;
}

class SecretSource final : public PayloadSource {
 public:
  explicit SecretSource(std::string text) : text_(std::move(text)) {}
  SecretSource(const SecretSource&) = delete;
  SecretSource& operator=(const SecretSource&) = delete;
  ~SecretSource() override { wipe(text_); }

  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::copy(as_bytes(text_).subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
    return {};
  }

 private:
  std::string text_;
};

}  // namespace

SmallReply::~SmallReply() { wipe(body_); }

Result<SmallReply> exchange_small(HttpTransport& transport, HttpRequest request, const CallGuard& call) {
  request.call = shorter(request.call.deadline, call.remaining());
  std::string body;
  body.reserve(max_reply_bytes);  // so that it never moves and leaves a copy behind
  const auto take = [&](ByteSpan piece) -> Result<void> {
    if (piece.size() > max_reply_bytes - body.size()) {
      return Error(ErrorCode::corrupt, fmt::format("the reply is longer than {} bytes", max_reply_bytes));
    }
    body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  const auto response =
      transport.send(request, [&](const HttpResponse&) -> Result<ByteSink> { return ByteSink(take); });
  SmallReply whole(response ? response->status : 0, std::move(body));
  if (!response) return response.error();
  return Result<SmallReply>(std::move(whole));
}

Error refusal(std::string_view who, int status) {
  const bool passing = status == 429 || status / 100 == 5;
  return Error(passing ? ErrorCode::unavailable : ErrorCode::unauthenticated,
               fmt::format("{} answered with HTTP {}", who, status))
      .with_http_status(status);
}

Payload secret_payload(std::string text) { return Payload(std::make_shared<SecretSource>(std::move(text))); }

Result<std::shared_ptr<HttpTransport>> LazyTransport::get() {
  const std::scoped_lock lock(mutex_);
  if (!transport_) {
    auto made = make_curl_transport(options_);
    if (!made) return made;
    transport_ = *std::move(made);
  }
  return transport_;
}

}  // namespace audiostore
