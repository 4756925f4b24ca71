#include "s3/download.h"

#include "core/call_guard.h"
#include "s3/integrity.h"
#include "s3/object_headers.h"
#include "store/digest_check.h"

namespace audiostore {
namespace {

Error replaced() {
  return Error(ErrorCode::precondition_failed,
               "the object was replaced while it was read: another one has been put under this key; read it from the "
               "beginning");
}

/// True when the service says that the rest of the object, as it was, is not there.
bool says_replaced(const Error& error) {
  return error.code() == ErrorCode::precondition_failed || error.code() == ErrorCode::range_not_satisfiable;
}

/// Lives for one call, on its thread.
class Download {
 public:
  Download(const ProviderProfile& profile, const ObjectKey& key, const ByteSink& sink, const GetOptions& options)
      : profile_(profile), key_(key), sink_(sink), options_(options), guard_(options.call), range_(options.range) {}

  Result<ObjectInfo> run(S3Client& client);

 private:
  [[nodiscard]] S3Request request(const Conditions& conditions) const;
  Result<ByteSink> open(const HttpResponse& head);
  Result<void> take(ObjectInfo info);
  Result<void> deliver(ByteSpan piece);
  std::optional<Continuation> go_on();
  [[nodiscard]] bool is_whole() const { return !is_over_ && info_ && done_ == info_->delivered.length; }

  const ProviderProfile& profile_;
  const ObjectKey& key_;
  const ByteSink& sink_;
  const GetOptions& options_;
  const CallGuard guard_;
  std::optional<ByteRange> range_;  // of the next request
  std::optional<ObjectInfo> info_;  // as the response said whose bytes were delivered first
  DigestCheck check_{{}, 0};
  std::uint64_t done_ = 0;      // delivered, by all responses together
  std::uint64_t begun_at_ = 0;  // what was delivered before this response
  bool is_over_ = false;        // a response was not what it should be, or the caller has refused
};

S3Request Download::request(const Conditions& conditions) const {
  S3Request request{.method = "GET", .key = key_, .headers = condition_headers(conditions)};
  if (options_.verify) ask_for_digests(request.headers, profile_);
  if (range_) request.headers.push_back({"Range", range_->to_header()});
  return request;
}

Result<ByteSink> Download::open(const HttpResponse& head) {
  begun_at_ = done_;
  auto taken = object_info(head, key_.str(), range_).and_then([&](ObjectInfo info) {
    info.digests = digests_of(head, info, profile_);
    return take(std::move(info));
  });
  is_over_ = !taken;
  if (!taken) return std::move(taken).error();
  return ByteSink([this](ByteSpan piece) { return deliver(piece); });
}

Result<void> Download::take(ObjectInfo info) {
  if (done_ == 0) {
    const bool verifies = options_.verify && info.delivered.length == info.size;
    check_ = DigestCheck(verifies ? info.digests : Digests(), info.size);
    info_ = std::move(info);
    return {};
  }
  if (info.etag != info_->etag) return replaced();  // If-Match was ignored
  if (info.size == info_->size) return {};
  return Error(ErrorCode::corrupt, "the service first said another length of the same object");
}

Result<void> Download::deliver(ByteSpan piece) {
  auto taken = check_.add(piece).and_then([&] { return sink_(piece); }).and_then([&] {
    return guard_.advance({.done = done_ += piece.size(), .total = info_->delivered.length});
  });
  is_over_ = !taken;
  return taken;
}

std::optional<Continuation> Download::go_on() {
  if (is_over_ || is_whole() || !info_->etag.starts_with('"')) return std::nullopt;
  const auto& [offset, length] = info_->delivered;
  range_ = ByteRange::between(offset + done_, offset + length - 1);
  return Continuation{request({.if_match = info_->etag}), done_ - begun_at_};
}

Result<ObjectInfo> Download::run(S3Client& client) {
  CallOptions call = options_.call;
  call.on_progress = {};  // the transport would count the bytes of a refusal too
  const auto response = client.exchange(
      request(options_.conditions), call, [this](const HttpResponse& head) { return open(head); },
      [this] { return go_on(); });
  // What breaks behind the last byte takes nothing away from it.
  if (is_whole() && (response || response.error().retryable())) return *std::move(info_);
  if (response) return Error(ErrorCode::corrupt, "the body was not as long as announced");
  const Error& error = response.error();
  if (done_ == 0 || !says_replaced(error) || is_over_) return error;
  return replaced()
      .with_http_status(error.http_status())
      .with_service_code(error.service_code())
      .with_request_id(error.request_id())
      .with_attempts(error.attempts());
}

}  // namespace

Result<ObjectInfo> download(S3Client& client, const ObjectKey& key, const ByteSink& sink, const GetOptions& options) {
  return Download(client.profile(), key, sink, options).run(client);
}

}  // namespace audiostore
