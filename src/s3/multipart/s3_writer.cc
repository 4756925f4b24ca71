#include "s3/multipart/s3_writer.h"

#include "core/call_guard.h"
#include "core/crew.h"
#include "core/text.h"
#include "s3/conditional_put.h"
#include "s3/multipart/multipart_upload.h"
#include "s3/multipart/part_plan.h"
#include "s3/object_headers.h"
#include "s3/write_headers.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace audiostore {
namespace {

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(S3Client& client, UploadSettings settings, ObjectKey key, PutOptions options)
      : client_(client),
        settings_(std::move(settings)),
        options_(std::move(options)),
        target_{std::move(key), {}},
        limit_(std::max(settings_.transfer.multipart_threshold, settings_.transfer.part_size)) {}
  ~S3Writer() override { drop(); }

 private:
  Result<void> do_write(ByteSpan bytes) override;
  Result<PutResult> do_finish() override;
  Result<void> do_abort() override {
    drop();
    return {};
  }

  Result<void> begin();
  Result<void> send_full_parts(bool also_the_rest);
  Result<void> send(Payload bytes);
  Result<void> bring(int number, const Payload& bytes, const std::stop_token& stop);
  Result<void> tell_checkpoint();
  void drop();
  [[nodiscard]] bool has_begun() const { return crew_.has_value(); }
  [[nodiscard]] CallOptions call() const {
    return {.stop = options_.call.stop, .deadline = options_.call.deadline, .on_progress = {}};
  }

  S3Client& client_;
  const UploadSettings settings_;
  const PutOptions options_;
  UploadTarget target_;
  const std::uint64_t limit_;  // beyond it the object goes up in parts
  std::string buffer_;         // what no part holds yet
  int last_number_ = 0;
  std::mutex mutex_;
  UploadCheckpoint state_;  // its parts are guarded while threads run
  std::size_t told_ = 0;
  std::optional<Crew> crew_;  // last: its threads use the others
};

Result<void> S3Writer::do_write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const std::uint64_t room = has_begun() ? settings_.transfer.part_size - buffer_.size() : limit_ - buffer_.size();
    const auto piece = bytes.first(std::min<std::uint64_t>(room, bytes.size()));
    buffer_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    bytes = bytes.subspan(piece.size());
    state_.size += piece.size();
    if (bytes.empty() && !(has_begun() && buffer_.size() == settings_.transfer.part_size)) break;
    if (!has_begun()) {
      if (auto begun = begin(); !begun) return begun;
    }
    if (auto sent = send_full_parts(false); !sent) return sent;
  }
  return options_.call.stop.stop_requested() ? Error(ErrorCode::cancelled, "the caller asked to stop") : Result<void>();
}

Result<void> S3Writer::begin() {
  if (is_conditional(options_) && !client_.profile().conditional_complete) {
    return unsupported(client_.profile().name, "conditions on an object in parts");
  }
  auto marked = with_mark({.method = "POST", .headers = description_headers(options_)});
  if (!marked) return std::move(marked).error();
  auto id = UploadRequests(client_).begin(target_.key, marked->headers, call());
  if (!id) return std::move(id).error();
  target_.id = *std::move(id);
  state_.upload_id = target_.id;
  state_.mark = find_header(marked->headers, mark_header).value_or("");
  state_.part_size = settings_.transfer.part_size;
  crew_.emplace(static_cast<std::size_t>(settings_.transfer.parts_in_flight), options_.call.stop);
  return tell_checkpoint();
}

/// Cuts parts off the buffer as long as they are full; at the end what is left is one too.
Result<void> S3Writer::send_full_parts(bool also_the_rest) {
  const auto size = static_cast<std::size_t>(settings_.transfer.part_size);
  while (buffer_.size() > size) {
    std::string part = buffer_.substr(0, size);
    buffer_.erase(0, size);
    if (auto sent = send(Payload::from_string(std::move(part))); !sent) return sent;
  }
  if (buffer_.size() < size && !also_the_rest) return {};
  if (buffer_.empty()) return {};
  auto sent = send(Payload::from_string(std::exchange(buffer_, {})));
  if (!also_the_rest) buffer_.reserve(size);
  return sent;
}

Result<void> S3Writer::send(Payload bytes) {
  if (last_number_ == static_cast<int>(max_parts)) {
    return Error(ErrorCode::too_large,
                 fmt::format("the recording is longer than 10,000 parts of {} bytes; use a larger "
                             "TransferOptions::part_size",
                             settings_.transfer.part_size));
  }
  const int number = ++last_number_;
  return crew_->start(
      [this, number, bytes = std::move(bytes)](const std::stop_token& stop) { return bring(number, bytes, stop); },
      [this] { return tell_checkpoint(); });
}

Result<void> S3Writer::bring(int number, const Payload& bytes, const std::stop_token& stop) {
  CallOptions call = this->call();
  call.stop = stop;
  const CallGuard guard(call);
  auto proof = settings_.integrity.prove(bytes, false, guard);
  if (!proof) return std::move(proof).error();
  auto etag = UploadRequests(client_).send(target_, number, bytes, *proof, guard.remaining());
  if (!etag) return std::move(etag).error();
  const std::scoped_lock lock(mutex_);
  const auto place = std::ranges::upper_bound(state_.parts, number, {}, &UploadedPart::number);
  state_.parts.insert(place, {number, *std::move(etag), std::move(proof->sha256)});
  return {};
}

Result<void> S3Writer::tell_checkpoint() {
  if (!options_.on_checkpoint) return {};
  UploadCheckpoint now;
  {
    const std::scoped_lock lock(mutex_);
    if (told_ == state_.parts.size() + 1) return {};
    now = state_;
  }
  told_ = now.parts.size() + 1;
  return call_guarded("the checkpoint callback", [&]() -> Result<void> {
    options_.on_checkpoint(now);
    return {};
  });
}

Result<PutResult> S3Writer::do_finish() {
  if (!has_begun()) {
    UploadSettings in_one = settings_;
    in_one.transfer.multipart_threshold = limit_;
    return upload(client_, in_one, target_.key, Payload::from_string(std::exchange(buffer_, {})), options_);
  }
  const CallOptions call = this->call();
  auto sent = send_full_parts(true).and_then([&] { return crew_->wait([this] { return tell_checkpoint(); }); });
  if (!sent) return std::move(sent).error();
  auto result = complete_upload(client_, target_, state_, write_condition_headers(options_, client_.profile()), call);
  if (result) target_.id.clear();  // nothing is left to be dropped
  return std::move(result).transform_error([&](Error error) { return put_error(std::move(error), options_); });
}

void S3Writer::drop() {
  crew_.reset();  // its threads end first: a part that comes late would stay
  if (!target_.id.empty()) drop_upload(client_, target_);
  target_.id.clear();
  buffer_ = {};
}

}  // namespace

std::unique_ptr<ObjectWriter> make_s3_writer(S3Client& client, UploadSettings settings, ObjectKey key,
                                             PutOptions options) {
  return std::make_unique<S3Writer>(client, std::move(settings), std::move(key), std::move(options));
}

}  // namespace audiostore
