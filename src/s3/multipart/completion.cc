#include "s3/multipart/completion.h"

#include "core/call_guard.h"
#include "core/let_finish.h"
#include "s3/object_headers.h"
#include "s3/xml.h"

#include <string>
#include <string_view>

namespace audiostore {
namespace {

/// What is under the key, as far as it says whose it is.
struct Found {
  std::uint64_t size = 0;
  std::string etag;
  std::string mark;
};

Result<Found> look_at(S3Client& client, const ObjectKey& key, const CallOptions& call) {
  return client.exchange({.method = "HEAD", .key = key}, call, max_small_reply_bytes)
      .and_then([&](const S3Reply& reply) {
        return object_info(reply.response, key.str(), std::nullopt).transform([&](const ObjectInfo& info) {
          return Found{info.size, info.etag,
                       std::string(find_header(reply.response.headers, mark_header).value_or(""))};
        });
      });
}

bool is_of(const Result<Found>& found, const UploadCheckpoint& state) {
  return found && !state.mark.empty() && found->mark == state.mark && found->size == state.size;
}

/// True where the service may have done what it was asked for, although its last reply says something else.
bool may_have_ended(const Error& error) {
  if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::internal) return false;
  if (error.attempts() > 1) return true;
  const int status = error.http_status();
  // Without a reply: not where the connection never came about for want of a certificate or a sensible address.
  if (status == 0) return error.code() != ErrorCode::permission_denied && error.code() != ErrorCode::invalid_argument;
  return status / 100 == 2 || status == 404 || status == 409 || status == 412 || status >= 500;
}

/// The service has said that the upload is complete, but not what the object's ETag is.
Result<PutResult> without_etag(const Result<Found>& found, const UploadCheckpoint& state) {
  if (is_of(found, state) || (found && state.mark.empty() && found->size == state.size)) return PutResult{found->etag};
  if (found) {
    return Error(ErrorCode::conflict, "the object was stored, and another writer has replaced it since; put again");
  }
  if (found.error().code() != ErrorCode::not_found) return found.error();
  return Error(ErrorCode::corrupt, "the service says that the upload is complete, but shows no such object");
}

/// `refusal` may be the reply to the repetition of what had taken effect, and nothing shows whose the object is.
bool is_uncertain(const Error& refusal, const Result<Found>& found, const UploadCheckpoint& state) {
  return state.mark.empty() && found && found->size == state.size &&
         (refusal.code() == ErrorCode::not_found || refusal.code() == ErrorCode::precondition_failed);
}

Error uncertain(const Error& refusal) {
  return Error(
             ErrorCode::unavailable,
             "whether this put took effect is not known: a reply to it was lost, there is an object of its size under "
             "the key, and the metadata had no room for a mark to know it by; read the object to see whose it is")
      .with_retryable(false)
      .with_attempts(refusal.attempts());
}

/// A part that the service was still taking may outlive an abort (AWS's AbortMultipartUpload page): then once more.
Result<void> abort_and_look(UploadRequests& requests, const UploadTarget& upload, const CallOptions& call) {
  const CallGuard guard(call);
  auto dropped = requests.abort(upload, guard.remaining());
  if (dropped && requests.parts(upload, guard.remaining())) return requests.abort(upload, guard.remaining());
  return dropped;
}

}  // namespace

Result<PutResult> complete_upload(S3Client& client, const UploadTarget& upload, const UploadCheckpoint& state,
                                  const Headers& conditions, const CallOptions& call) {
  const CallGuard guard(call);
  const auto completed = UploadRequests(client).complete(upload, state.parts, conditions, call);
  if (completed && !completed->empty()) return PutResult{*completed};
  if (!completed && !may_have_ended(completed.error())) return completed.error();
  if (auto has_time = guard.check(); !has_time) return completed ? has_time.error() : completed.error();

  const auto found = look_at(client, upload.key, guard.remaining());
  if (completed) return without_etag(found, state);
  if (is_of(found, state)) return PutResult{found->etag};
  const Error& refusal = completed.error();
  if (is_uncertain(refusal, found, state)) return uncertain(refusal);
  return refusal;
}

std::optional<PutResult> find_completed(S3Client& client, const ObjectKey& key, const UploadCheckpoint& state,
                                        const CallOptions& call) {
  const auto found = look_at(client, key, call);
  return is_of(found, state) ? std::optional(PutResult{found->etag}) : std::nullopt;
}

Result<void> drop_upload(S3Client& client, const UploadTarget& upload, const CallOptions& call) {
  using std::chrono::milliseconds;
  constexpr milliseconds patience = std::chrono::seconds(10);
  constexpr milliseconds haste(500);  // a stopped call has a second, and its threads had to end first
  UploadRequests requests(client);
  const bool limited = call.deadline > milliseconds::zero() && call.deadline < patience;
  if (call.stop.stop_requested() || (limited && call.deadline < haste)) {
    return requests.abort(upload, {.deadline = haste});
  }
  const milliseconds deadline = limited ? call.deadline + haste : patience;
  const auto drop = [&](const std::stop_token& stop) {
    return abort_and_look(requests, upload, {.stop = stop, .deadline = deadline}).transform([] {
      return std::string();
    });
  };
  return let_finish(call.stop, haste, drop).transform([](const std::string&) {});
}

}  // namespace audiostore
