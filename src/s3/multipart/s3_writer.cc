#include "s3/multipart/s3_writer.h"

#include "core/call_guard.h"
#include "core/crew.h"
#include "s3/conditional_put.h"
#include "s3/multipart/completion.h"
#include "s3/multipart/part_plan.h"
#include "s3/multipart/upload_log.h"
#include "s3/object_headers.h"
#include "s3/write_headers.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace audiostore {
namespace {

/// Room for one part. Memory that was never written to costs nothing.
class PartBuffer {
 public:
  /// Errors: no_space.
  static Result<PartBuffer> make(std::size_t size) {
    try {
      return PartBuffer(std::make_unique_for_overwrite<std::byte[]>(size), size);
    } catch (const std::bad_alloc&) {
      return Error(ErrorCode::no_space, fmt::format("there is no memory for a part of {} bytes", size));
    }
  }

  [[nodiscard]] bool is_empty() const noexcept { return used_ == 0; }
  [[nodiscard]] bool is_full() const noexcept { return used_ == size_; }
  /// Takes what there is room for; what is left of `bytes`.
  ByteSpan fill(ByteSpan bytes) noexcept {
    const auto piece = bytes.first(std::min(size_ - used_, bytes.size()));
    std::memcpy(bytes_.get() + used_, piece.data(), piece.size());
    used_ += piece.size();
    return bytes.subspan(piece.size());
  }
  /// The bytes, which it goes on to own.
  [[nodiscard]] Payload payload() const { return Payload::from_memory({bytes_.get(), used_}); }

 private:
  PartBuffer(std::unique_ptr<std::byte[]> bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_;
  std::size_t used_ = 0;
};

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(S3Client& client, const UploadSettings& settings, ObjectKey key, PutOptions options)
      : ObjectWriter(std::move(key)),
        client_(client),
        settings_(settings),
        options_(std::move(options)),
        log_(options_.on_checkpoint, {.part_size = settings_.transfer.part_size}) {}
  ~S3Writer() override {
    static_cast<void>(call_guarded("the end of a writer", [this] { return drop(); }));  // transports may throw
  }

 private:
  Result<void> do_write(ByteSpan bytes) override { return watched(take(bytes)); }
  Result<PutResult> do_finish() override { return watched(crew_ ? end() : put_whole()); }
  Result<void> do_abort() override { return drop(); }

  template <class T>
  Result<T> watched(Result<T> result);
  Result<void> take(ByteSpan bytes);
  Result<void> make_room();
  Result<void> send_off(const CallGuard& guard);
  Result<void> bring(int number, const PartBuffer& part, const std::stop_token& stop);
  Result<std::string> begin(const CallOptions& call);
  Result<UploadTarget> begun(const CallOptions& call);
  Result<PutResult> put_whole();
  Result<PutResult> end();
  Result<void> follow(const CallGuard& guard);
  Result<void> drop();
  /// A condition did not hold: there is nothing to be gained by trying once more.
  [[nodiscard]] bool has_lost() const {
    return failure_ &&
           (failure_->code() == ErrorCode::already_exists || failure_->code() == ErrorCode::precondition_failed);
  }
  /// What holds for a write() or finish() by itself.
  [[nodiscard]] CallOptions call() const { return {.stop = options_.call.stop, .deadline = options_.call.deadline}; }
  /// What is left for the clean-up: of the write() or finish() that has failed, if one has.
  [[nodiscard]] CallOptions rest() const;

  S3Client& client_;
  const UploadSettings settings_;
  const PutOptions options_;
  std::optional<Error> failure_;
  Crew::Time end_;  // of the write() or finish() under way, or that has failed
  std::uint64_t size_ = 0;
  std::optional<PartBuffer> buffer_;  // what goes into the next part
  int last_number_ = 0;               // of the parts that were sent off
  UploadLog log_;
  std::mutex mutex_;
  std::condition_variable has_begun_;
  bool is_beginning_ = false;  // guarded
  std::string upload_id_;      // guarded while threads run
  std::optional<Crew> crew_;   // last: its threads use the others
};

Result<void> S3Writer::make_room() {
  if (buffer_) return {};
  return PartBuffer::make(static_cast<std::size_t>(settings_.transfer.part_size)).transform([&](PartBuffer buffer) {
    buffer_ = std::move(buffer);
  });
}

/// On the caller's thread, while parts are on their way.
Result<void> S3Writer::follow(const CallGuard& guard) {
  return log_.catch_up().and_then([&] { return guard.check(); });
}

/// A full buffer goes off when there is more, or once it is known that there are parts: the first one, alone, is no
/// part but a plain PUT.
Result<void> S3Writer::take(ByteSpan bytes) {
  const CallOptions limits = call();
  const CallGuard guard(limits);
  end_ = guard.end();
  if (auto go_on = guard.check(); !go_on) return go_on;
  while (!bytes.empty()) {
    if (buffer_ && buffer_->is_full()) {
      if (auto sent = send_off(guard); !sent) return sent;
    }
    if (auto room = make_room(); !room) return room;
    const ByteSpan rest = buffer_->fill(bytes);
    size_ += bytes.size() - rest.size();
    bytes = rest;
  }
  if (crew_ && buffer_ && buffer_->is_full()) return send_off(guard);
  return crew_ ? crew_->look([&] { return follow(guard); }) : Result<void>();
}

Result<void> S3Writer::send_off(const CallGuard& guard) {
  if (last_number_ == static_cast<int>(max_parts)) {
    return Error(ErrorCode::too_large, fmt::format("the recording is longer than {} parts of {} bytes; set a larger "
                                                   "S3Options::transfer.part_size",
                                                   max_parts, settings_.transfer.part_size));
  }
  if (!crew_) crew_.emplace(static_cast<std::size_t>(settings_.transfer.parts_in_flight), options_.call.stop);
  const int number = ++last_number_;
  const auto part = std::make_shared<const PartBuffer>(*std::exchange(buffer_, std::nullopt));
  return crew_->start([this, number, part](const std::stop_token& stop) { return bring(number, *part, stop); },
                      [&] { return follow(guard); }, guard.end());
}

Result<std::string> S3Writer::begin(const CallOptions& call) {
  if (auto go_on = CallGuard(call).check(); !go_on) return std::move(go_on).error();  // it has failed meanwhile
  Headers headers = description_headers(options_);
  settings_.integrity.announce_parts(headers);
  auto marked = with_mark({.method = "POST", .headers = std::move(headers)});
  if (!marked) return std::move(marked).error();
  return UploadRequests(client_).begin(key(), marked->headers, call).transform([&](std::string id) {
    log_.begun(id, std::string(find_header(marked->headers, mark_header).value_or("")));
    return id;
  });
}

/// The upload, begun by the part that comes first; the others wait for it.
Result<UploadTarget> S3Writer::begun(const CallOptions& call) {
  std::unique_lock lock(mutex_);
  has_begun_.wait(lock, [this] { return !is_beginning_; });
  if (!upload_id_.empty()) return UploadTarget{key(), upload_id_};
  is_beginning_ = true;
  lock.unlock();
  auto id = call_guarded("the beginning of an upload", [&] { return begin(call); });
  lock.lock();
  is_beginning_ = false;
  has_begun_.notify_all();
  if (!id) return std::move(id).error();
  upload_id_ = *std::move(id);
  return UploadTarget{key(), upload_id_};
}

/// On a thread of the crew. The deadline of a call of the writer is none of its business: it goes on between them.
Result<void> S3Writer::bring(int number, const PartBuffer& part, const std::stop_token& stop) {
  const CallOptions limits{.stop = stop};
  const auto upload = begun(limits);
  if (!upload) return upload.error();
  const Payload bytes = part.payload();
  auto proof = settings_.integrity.prove_part(bytes, static_cast<bool>(options_.on_checkpoint), CallGuard(limits));
  if (!proof) return std::move(proof).error();
  return UploadRequests(client_).send(*upload, number, bytes, *proof, limits).transform([&](std::string etag) {
    log_.add({number, std::move(etag), std::move(proof->sha256)});
  });
}

Result<PutResult> S3Writer::put_whole() {
  UploadSettings in_one = settings_;
  in_one.transfer.multipart_threshold = max_single_put;
  PutOptions options = options_;
  options.call = call();
  return upload(client_, in_one, key(), buffer_ ? buffer_->payload() : Payload(), options);
}

Result<PutResult> S3Writer::end() {
  const CallOptions limits = call();
  const CallGuard guard(limits);
  end_ = guard.end();
  const auto meanwhile = [&] { return follow(guard); };
  if (auto go_on = guard.check(); !go_on) return std::move(go_on).error();
  if (buffer_ && !buffer_->is_empty()) {
    if (auto sent = send_off(guard); !sent) return std::move(sent).error();
  }
  if (auto brought = crew_->wait(meanwhile, guard.end()); !brought) return std::move(brought).error();
  log_.set_size(size_);
  const UploadTarget target{key(), log_.state().upload_id};
  auto result = complete_upload(client_, target, log_.state(), write_condition_headers(options_, client_.profile()),
                                guard.remaining());
  if (result) upload_id_.clear();  // nothing is left to be dropped
  return std::move(result).transform_error([&](Error error) { return put_error(std::move(error), options_); });
}

template <class T>
Result<T> S3Writer::watched(Result<T> result) {
  if (!result) failure_ = result.error();
  if (result) end_.reset();
  return result;
}

CallOptions S3Writer::rest() const {
  using std::chrono::milliseconds;
  CallOptions rest{.stop = options_.call.stop};
  if (end_) {
    const auto left = std::chrono::ceil<milliseconds>(*end_ - std::chrono::steady_clock::now());
    rest.deadline = std::max(left, milliseconds(1));  // 0 would mean no limit
  }
  return rest;
}

/// After a failure the parts stay if the caller has a checkpoint of them, and may have the bytes elsewhere.
Result<void> S3Writer::drop() {
  constexpr std::chrono::milliseconds patience = std::chrono::seconds(5);
  const CallOptions limits = rest();
  if (!limits.stop.stop_requested()) {  // an upload that is being begun says its id first: else nobody could drop it
    std::unique_lock lock(mutex_);
    has_begun_.wait_for(lock, end_ ? std::min(limits.deadline, patience) : patience, [this] { return !is_beginning_; });
  }
  crew_.reset();  // its threads end first: a part that comes late would stay
  buffer_.reset();
  const std::string id = std::exchange(upload_id_, {});
  const bool is_resumable = failure_ && options_.on_checkpoint && !has_lost();
  if (id.empty() || is_resumable) return {};
  return drop_upload(client_, {key(), id}, rest());
}

}  // namespace

Result<std::unique_ptr<ObjectWriter>> make_s3_writer(S3Client& client, const UploadSettings& settings, ObjectKey key,
                                                     PutOptions options) {
  const ProviderProfile& profile = client.profile();
  if (is_conditional(options) && !profile.conditional_complete) {
    return unsupported(profile.name, "conditions on an object of unknown length");
  }
  return std::make_unique<S3Writer>(client, settings, std::move(key), std::move(options));
}

}  // namespace audiostore
