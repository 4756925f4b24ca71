#include "s3/multipart/multipart_upload.h"

#include "core/call_guard.h"
#include "core/crew.h"
#include "s3/conditional_put.h"
#include "s3/multipart/completion.h"
#include "s3/multipart/part_plan.h"
#include "s3/multipart/upload_log.h"
#include "s3/object_headers.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

namespace audiostore {
namespace {

/// One run of put_together().
class MultipartUpload {
 public:
  MultipartUpload(S3Client& client, const TransferOptions& transfer, const MultipartJob& job, const CallOptions& call)
      : client_(client),
        requests_(client),
        transfer_(transfer),
        job_(job),
        call_(call),
        guard_(call),
        log_(job.on_checkpoint) {}

  Result<PutResult> run();

 private:
  Result<std::optional<PutResult>> resume();
  Result<std::optional<PutResult>> find_what_it_became();
  void forget_what_is_missing(const std::vector<StoredPart>& there);
  Result<void> begin();
  Result<void> bring_all();
  Result<void> bring(int number, const std::optional<UploadedPart>& known, const std::stop_token& stop, Crew& crew);
  Result<UploadedPart> bring_changed(int number, const std::optional<UploadedPart>& known, const CallOptions& call);
  Result<PutResult> end();
  Result<void> report();
  [[nodiscard]] bool can_be_resumed(const Error& failure) const;
  [[nodiscard]] CallOptions rest() const;
  [[nodiscard]] const UploadCheckpoint& state() const { return log_.state(); }
  [[nodiscard]] UploadTarget target() const { return {job_.key, state().upload_id}; }
  [[nodiscard]] int parts() const { return part_count(state().size, state().part_size); }
  [[nodiscard]] ByteRange::Slice slice(int number) const { return part_slice(number, state().size, state().part_size); }

  S3Client& client_;
  UploadRequests requests_;
  const TransferOptions& transfer_;
  const MultipartJob& job_;
  const CallOptions& call_;
  const CallGuard guard_;
  UploadLog log_;
  std::atomic<std::uint64_t> moved_ = 0;  // bytes, for progress
};

/// What is left of the deadline; progress is ours.
CallOptions MultipartUpload::rest() const {
  CallOptions rest = guard_.remaining();
  rest.on_progress = {};
  return rest;
}

Result<void> MultipartUpload::begin() {
  return begin_upload(client_, job_.key, job_.headers, job_.size, transfer_.part_size, rest())
      .transform([&](UploadCheckpoint upload) { log_.set(std::move(upload)); });
}

void MultipartUpload::forget_what_is_missing(const std::vector<StoredPart>& there) {
  std::map<int, const StoredPart*> by_number;
  for (const StoredPart& part : there) by_number[part.number] = &part;
  UploadCheckpoint known = state();
  std::erase_if(known.parts, [&](const UploadedPart& part) {
    const auto at = by_number.find(part.number);
    return at == by_number.end() || at->second->etag != part.etag || at->second->size != slice(part.number).length;
  });
  log_.set(std::move(known));
}

/// An upload that is gone may have been completed: by a program that was killed before it could note that down.
Result<std::optional<PutResult>> MultipartUpload::find_what_it_became() {
  std::optional<PutResult> nothing;
  if (state().parts.size() != static_cast<std::size_t>(parts())) return nothing;
  auto became = find_completed(client_, job_.key, state(), rest());
  if (!became) return nothing;
  for (const UploadedPart& part : state().parts) {
    auto same = guard_.check().and_then([&] { return job_.is_unchanged(part, slice(part.number), rest()); });
    if (!same) return std::move(same).error();
    if (!*same) return nothing;
  }
  return became;
}

/// The result where the upload had ended already.
Result<std::optional<PutResult>> MultipartUpload::resume() {
  UploadCheckpoint known = *job_.resume_from;
  known.size = job_.size;
  log_.set(std::move(known));
  const auto there = requests_.parts(target(), rest());
  if (there) {
    forget_what_is_missing(*there);
    return std::optional<PutResult>();
  }
  if (there.error().code() != ErrorCode::not_found) return there.error();
  auto became = find_what_it_became();
  if (!became || *became) return became;
  return begin().transform([] { return std::optional<PutResult>(); });
}

/// On the caller's thread, whenever something has changed.
Result<void> MultipartUpload::report() {
  return log_.catch_up().and_then([&] { return guard_.advance({.done = moved_, .total = job_.size}); });
}

Result<UploadedPart> MultipartUpload::bring_changed(int number, const std::optional<UploadedPart>& known,
                                                    const CallOptions& call) {
  if (known) {
    auto same = job_.is_unchanged(*known, slice(number), call);
    if (!same) return std::move(same).error();
    if (*same) return *known;
  }
  return job_.bring(target(), number, slice(number), call);
}

Result<void> MultipartUpload::bring(int number, const std::optional<UploadedPart>& known, const std::stop_token& stop,
                                    Crew& crew) {
  CallOptions call = rest();
  call.stop = stop;
  std::uint64_t shown = 0;
  if (call_.on_progress) {
    call.on_progress = [&](const Progress& progress) {
      moved_ += progress.done - shown;
      shown = progress.done;
      crew.changed();
    };
  }
  auto part = bring_changed(number, known, call);
  if (!part) return std::move(part).error();
  moved_ += slice(number).length - shown;
  log_.add(*std::move(part));
  return {};
}

Result<void> MultipartUpload::bring_all() {
  const auto meanwhile = [this] { return report(); };
  if (auto told = report(); !told) return told;
  std::map<int, UploadedPart> known;
  for (const UploadedPart& part : state().parts) known.emplace(part.number, part);
  Crew crew(static_cast<std::size_t>(transfer_.parts_in_flight), call_.stop);
  for (int number = 1; number <= parts(); ++number) {
    const auto found = known.find(number);
    const auto task = [this, number, &crew,
                       claimed = found == known.end() ? std::nullopt : std::optional(found->second)](
                          const std::stop_token& stop) { return bring(number, claimed, stop, crew); };
    if (auto started = crew.start(task, meanwhile); !started) return started;
  }
  return crew.wait(meanwhile);
}

Result<PutResult> MultipartUpload::end() {
  if (job_.before_end) {
    if (auto right = job_.before_end(rest()); !right) return std::move(right).error();
  }
  return complete_upload(client_, target(), state(), job_.conditions, rest());
}

/// Where the caller has a checkpoint of this upload, and trying once more can lead to something.
bool MultipartUpload::can_be_resumed(const Error& failure) const {
  if (failure.code() == ErrorCode::precondition_failed) return false;
  return job_.on_checkpoint || (job_.resume_from && job_.resume_from->upload_id == state().upload_id);
}

Result<PutResult> MultipartUpload::run() {
  if (job_.resume_from) {
    auto became = resume();
    if (!became) return std::move(became).error();
    if (*became) return **std::move(became);
  } else if (auto begun = begin(); !begun) {
    return std::move(begun).error();
  }
  auto result = bring_all().and_then([&] { return end(); });
  if (!result && !can_be_resumed(result.error())) {
    static_cast<void>(drop_upload(client_, target(), rest()));
  }
  return result;
}

}  // namespace

Result<UploadCheckpoint> begin_upload(S3Client& client, const ObjectKey& key, const Headers& headers,
                                      std::uint64_t size, std::uint64_t part_size, const CallOptions& call) {
  const auto parts_of = part_size_for(size, part_size);
  if (!parts_of) return parts_of.error();
  const auto marked = with_mark({.method = "POST", .headers = headers});
  if (!marked) return marked.error();
  return UploadRequests(client).begin(key, marked->headers, call).transform([&](std::string id) {
    return UploadCheckpoint{.upload_id = std::move(id),
                            .mark = std::string(find_header(marked->headers, mark_header).value_or("")),
                            .size = size,
                            .part_size = *parts_of,
                            .parts = {}};
  });
}

Result<PutResult> put_together(S3Client& client, const TransferOptions& transfer, const MultipartJob& job,
                               const CallOptions& call) {
  return MultipartUpload(client, transfer, job, call).run();
}

}  // namespace audiostore
