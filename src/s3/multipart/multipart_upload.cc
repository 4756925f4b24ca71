#include "s3/multipart/multipart_upload.h"

#include "core/call_guard.h"
#include "core/crew.h"
#include "core/text.h"
#include "s3/conditional_put.h"
#include "s3/multipart/part_plan.h"
#include "s3/object_headers.h"
#include "s3/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <utility>

namespace audiostore {
namespace {

/// The reply to an upload that ended under this mark; nullopt where there is none, or nobody can tell.
std::optional<PutResult> find_ended(S3Client& client, const ObjectKey& key, const UploadCheckpoint& upload,
                                    const CallOptions& call) {
  const auto head = client.exchange({.method = "HEAD", .key = key}, call, max_small_reply_bytes);
  if (!head || upload.mark.empty() || find_header(head->response.headers, mark_header) != upload.mark) {
    return std::nullopt;
  }
  const auto info = object_info(head->response, key.str(), std::nullopt);
  if (!info || info->size != upload.size) return std::nullopt;
  return PutResult{info->etag};
}

/// True where the service may have done what it was asked for, although the reply says nothing of it.
bool may_have_ended(const Error& error) {
  return error.code() == ErrorCode::not_found || error.code() == ErrorCode::corrupt ||
         error.code() == ErrorCode::unavailable || error.code() == ErrorCode::precondition_failed;
}

/// One run of put_together().
class MultipartUpload {
 public:
  MultipartUpload(S3Client& client, const TransferOptions& transfer, const MultipartJob& job, const CallOptions& call)
      : client_(client), requests_(client), transfer_(transfer), job_(job), call_(call), guard_(call) {}

  Result<PutResult> run();

 private:
  Result<std::optional<PutResult>> prepare();
  Result<std::optional<PutResult>> resume();
  Result<void> keep_what_is_there(const std::vector<PartAtService>& there);
  Result<void> begin();
  Result<void> bring_all();
  Result<void> bring(int number, const std::stop_token& stop, Crew& crew);
  Result<void> report();
  Result<void> tell_checkpoint();
  [[nodiscard]] CallOptions rest() const;
  [[nodiscard]] UploadTarget target() const { return {job_.key, state_.upload_id}; }

  S3Client& client_;
  UploadRequests requests_;
  const TransferOptions& transfer_;
  const MultipartJob& job_;
  const CallOptions& call_;
  const CallGuard guard_;
  std::mutex mutex_;
  UploadCheckpoint state_;                // its parts are guarded while threads run
  std::size_t told_ = 0;                  // 1 for the upload, and 1 for each part
  std::atomic<std::uint64_t> moved_ = 0;  // bytes, for progress
};

/// What is left of the deadline; progress is ours.
CallOptions MultipartUpload::rest() const {
  CallOptions rest = guard_.remaining();
  rest.on_progress = {};
  return rest;
}

Result<void> MultipartUpload::begin() {
  auto part_size = part_size_for(job_.size, transfer_.part_size);
  if (!part_size) return std::move(part_size).error();
  auto marked = with_mark({.method = "POST", .headers = job_.headers});
  if (!marked) return std::move(marked).error();
  state_ = {.upload_id = {},
            .mark = std::string(find_header(marked->headers, mark_header).value_or("")),
            .size = job_.size,
            .part_size = *part_size};
  return requests_.begin(job_.key, marked->headers, rest()).transform([&](std::string id) {
    state_.upload_id = std::move(id);
  });
}

Result<void> MultipartUpload::keep_what_is_there(const std::vector<PartAtService>& there) {
  std::vector<UploadedPart> kept;
  for (const UploadedPart& part : std::exchange(state_.parts, {})) {
    const auto slice = part_slice(part.number, state_.size, state_.part_size);
    const bool is_there = std::ranges::any_of(there, [&](const PartAtService& at) {
      return at.number == part.number && at.etag == part.etag && at.size == slice.length;
    });
    if (!is_there) continue;
    auto unchanged = guard_.check().and_then([&] { return job_.is_unchanged(part, slice); });
    if (!unchanged) return std::move(unchanged).error();
    if (*unchanged) kept.push_back(part);
  }
  state_.parts = std::move(kept);
  return {};
}

/// The result where the upload had ended already.
Result<std::optional<PutResult>> MultipartUpload::resume() {
  state_ = *job_.resume_from;
  const auto there = requests_.parts(target(), rest());
  if (there) return keep_what_is_there(*there).transform([] { return std::optional<PutResult>(); });
  if (there.error().code() != ErrorCode::not_found) return there.error();
  if (auto ended = find_ended(client_, job_.key, state_, rest())) return ended;
  return begin().transform([] { return std::optional<PutResult>(); });
}

Result<std::optional<PutResult>> MultipartUpload::prepare() {
  if (job_.resume_from) return resume();
  return begin().transform([] { return std::optional<PutResult>(); });
}

Result<void> MultipartUpload::tell_checkpoint() {
  if (!job_.on_checkpoint) return {};
  UploadCheckpoint now;
  {
    const std::scoped_lock lock(mutex_);
    if (told_ == state_.parts.size() + 1) return {};
    now = state_;
  }
  told_ = now.parts.size() + 1;
  return call_guarded("the checkpoint callback", [&]() -> Result<void> {
    job_.on_checkpoint(now);
    return {};
  });
}

/// On the caller's thread, whenever something has changed.
Result<void> MultipartUpload::report() {
  return tell_checkpoint().and_then([&] { return guard_.advance({.done = moved_, .total = job_.size}); });
}

Result<void> MultipartUpload::bring(int number, const std::stop_token& stop, Crew& crew) {
  CallOptions call = guard_.remaining();
  call.stop = stop;
  std::uint64_t shown = 0;
  call.on_progress = [&](const Progress& progress) {
    moved_ += progress.done - shown;
    shown = progress.done;
    crew.changed();
  };
  const auto slice = part_slice(number, state_.size, state_.part_size);
  auto part = job_.bring(target(), number, slice, call);
  if (!part) return std::move(part).error();
  moved_ += slice.length - shown;
  const std::scoped_lock lock(mutex_);
  const auto place = std::ranges::upper_bound(state_.parts, number, {}, &UploadedPart::number);
  state_.parts.insert(place, *std::move(part));
  return {};
}

Result<void> MultipartUpload::bring_all() {
  std::set<int> there;
  for (const UploadedPart& part : state_.parts) {
    there.insert(part.number);
    moved_ += part_slice(part.number, state_.size, state_.part_size).length;
  }
  const auto meanwhile = [this] { return report(); };
  if (auto told = report(); !told) return told;
  Crew crew(static_cast<std::size_t>(transfer_.parts_in_flight), call_.stop);
  for (int number = 1; number <= part_count(state_.size, state_.part_size); ++number) {
    if (there.contains(number)) continue;
    const auto task = [this, number, &crew](const std::stop_token& stop) { return bring(number, stop, crew); };
    if (auto started = crew.start(task, meanwhile); !started) return started;
  }
  return crew.wait(meanwhile);
}

Result<PutResult> MultipartUpload::run() {
  auto ended = prepare();
  if (!ended) return std::move(ended).error();
  if (*ended) return **std::move(ended);
  auto result =
      bring_all().and_then([&] { return complete_upload(client_, target(), state_, job_.conditions, rest()); });
  if (!result && !job_.on_checkpoint) drop_upload(client_, target());
  return result;
}

}  // namespace

Result<PutResult> complete_upload(S3Client& client, const UploadTarget& upload, const UploadCheckpoint& parts,
                                  const Headers& conditions, const CallOptions& call) {
  const CallGuard guard(call);
  const auto completed = UploadRequests(client).complete(upload, parts.parts, conditions, call);
  if (completed && !completed->empty()) return PutResult{*completed};
  if (completed || may_have_ended(completed.error())) {
    if (auto ended = find_ended(client, upload.key, parts, guard.remaining())) return *std::move(ended);
  }
  if (completed) {
    return Error(ErrorCode::corrupt, "the service says that the upload is complete, but shows no such object");
  }
  return completed.error();
}

void drop_upload(S3Client& client, const UploadTarget& upload) {
  const CallOptions grace{.deadline = std::chrono::seconds(10)};
  static_cast<void>(UploadRequests(client).abort(upload, grace));
}

Result<PutResult> put_together(S3Client& client, const TransferOptions& transfer, const MultipartJob& job,
                               const CallOptions& call) {
  return MultipartUpload(client, transfer, job, call).run();
}

}  // namespace audiostore
