#include "recordings.h"

#include "text.h"

#include <algorithm>

namespace audio_service {
namespace {

using audiostore::AudioKey;
using audiostore::ByteSpan;
using audiostore::CallOptions;
using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::RecordingId;
using audiostore::Result;

Error no_such_recording() { return {ErrorCode::not_found, "there is no such recording"}; }

bool is_missing(const Error& error) { return error.code() == ErrorCode::not_found; }

/// `call`, ending while the row is still ours.
CallOptions bounded(CallOptions call) {
  const std::chrono::milliseconds longest = longest_store_call;
  call.deadline = call.deadline.count() > 0 ? std::min(call.deadline, longest) : longest;
  return call;
}

/// The SHA-256 of an object's bytes: as the store knows it, else by reading them.
Result<std::string> sha256_of(audiostore::ObjectStore& store, const audiostore::ObjectKey& key,
                              const audiostore::ObjectInfo& info) {
  if (!info.digests.sha256.empty()) return info.digests.sha256;
  Sha256 hash;
  const auto feed = [&](ByteSpan bytes) -> Result<void> {
    hash.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return {};
  };
  return store.get(key, feed, {.conditions = {.if_match = info.etag}, .call = bounded({})})
      .transform([&](const audiostore::ObjectInfo&) { return hash.finish(); });
}

}  // namespace

std::optional<std::chrono::milliseconds> duration_of(const audiostore::Payload& bytes) {
  const auto properties = audiostore::probe_audio(bytes);
  return properties ? properties->duration : std::nullopt;
}

Recordings::Recordings(RecordingRows& rows, std::shared_ptr<audiostore::ObjectStore> store,
                       audiostore::AccessPolicy policy, audiostore::AudioLimits limits)
    : rows_(rows),
      store_(store),
      policy_(policy ? watched(std::move(policy)) : nullptr),
      limits_(limits),
      audio_(std::move(store), policy_, {.limits = std::move(limits), .denial = audiostore::DenialMode::not_found}) {}

Result<RecordingRow> Recordings::upload(std::string_view user, const NewRecording& take, const CallOptions& call) {
  auto id = RecordingId::make(user, take.project, take.recording);
  if (!id) return std::move(id).error();
  auto found = audiostore::inspect_audio(take.bytes, limits_, take.declared_type);
  if (!found) return std::move(found).error();

  const RecordingRow row{.owner = id->user(),
                         .id = id->recording(),
                         .project = id->project(),
                         .key = AudioKey(*id, found->format).str(),
                         .size = take.bytes.size(),
                         .content_type = std::string(audiostore::mime_type(found->format)),
                         .sha256 = take.sha256,
                         .duration = duration_of(take.bytes)};
  return keep(row, [&](const AudioKey& key) {
    const auto put = [&](audiostore::PutMode mode) {
      const audiostore::UploadOptions options{.declared_type = take.declared_type, .mode = mode, .call = bounded(call)};
      return policy_outcome(audio_.upload(user, key.id(), take.bytes, options)).transform([](const auto&) {});
    };
    auto created = put(audiostore::PutMode::create);
    if (created || created.error().code() != ErrorCode::unsupported) return created;
    // Some services cannot create only. The row's lease keeps others of this service away, so a look will do.
    return is_free(key).and_then([&] { return put(audiostore::PutMode::overwrite); });
  });
}

Result<RecordingRow> Recordings::keep(RecordingRow take, const std::function<Result<void>(const AudioKey&)>& place) {
  auto claimed = rows_.claim(std::move(take));
  if (!claimed || claimed->is_stored()) return claimed;
  auto placed = AudioKey::parse(claimed->key).and_then(place);
  if (!placed && placed.error().code() == ErrorCode::already_exists) placed = is_this_take(*claimed);
  if (!placed) {
    withdraw(*claimed);
    return std::move(placed).error();
  }
  return finish(*claimed);
}

/// Errors: conflict, not_found (it is the take of a ticket that was spent: the object is not to be).
Result<RecordingRow> Recordings::finish(const RecordingRow& row) {
  auto finished = rows_.finish(row);
  if (!finished || finished->is_stored()) return finished;
  static_cast<void>(remove_objects(*finished));  // what this leaves, the sweep removes
  return no_such_recording();
}

/// Errors: already_exists, those of the store.
Result<void> Recordings::is_free(const AudioKey& key) {
  const auto there = store_->head(key.object_key(), {.call = bounded({})});
  if (there) return Error(ErrorCode::already_exists, "there is an object");
  return is_missing(there.error()) ? Result<void>() : Result<void>(there.error());
}

/// Whether the object under the row's key, which somebody else has put there, is what the row is about. Of a take that
/// went to the bucket directly the size is all that can be told. Errors: not_found, conflict, those of the store.
Result<void> Recordings::is_this_take(const RecordingRow& row) {
  const auto key = AudioKey::parse(row.key);
  if (!key) return key.error();
  const auto info = store_->head(key->object_key(), {.digests = true, .call = bounded({})});
  if (!info) return info.error();
  const Error other(ErrorCode::conflict, "another object is in the way; use a new recording id");
  if (info->size != row.size) return other;
  if (!row.sha256) return {};
  auto sha256 = sha256_of(*store_, key->object_key(), *info);
  if (!sha256) return std::move(sha256).error();
  return *sha256 == *row.sha256 ? Result<void>() : Result<void>(other);
}

/// Takes the row back after a failure, if there is certainly no object; else a repetition or the sweep decides.
void Recordings::withdraw(const RecordingRow& row) {
  const auto key = AudioKey::parse(row.key);
  const auto there = store_->head(key.value().object_key(), {.call = bounded({})});
  if (!there && is_missing(there.error())) {
    rows_.drop(row);
  } else {
    rows_.release(row);
  }
}

Result<RecordingRow> Recordings::resolve(std::string_view user, const RecordingName& name) {
  std::string key = name.key;
  if (!name.url.empty()) {
    auto from_url = audio_.key_from_url(name.url);
    if (!from_url) return std::move(from_url).error();
    if (!key.empty() && key != from_url->str()) return Error(ErrorCode::invalid_argument, "key and url disagree");
    key = from_url->str();
  }
  std::string recording = name.recording;
  if (!key.empty()) {
    auto parsed = recording.empty() ? AudioKey::parse(key) : audiostore::key_of_recording(key, recording);
    if (!parsed) return std::move(parsed).error();
    if (parsed->id().user() != user) return no_such_recording();
    recording = parsed->id().recording();
  }
  if (recording.empty()) return Error(ErrorCode::invalid_argument, "say which recording: key, url or recordingId");
  if (auto valid = RecordingId::make(user, "project", recording); !valid) return std::move(valid).error();
  auto row = rows_.find(user, recording);
  if (!row || (!key.empty() && row->key != key)) return no_such_recording();
  return *std::move(row);
}

Result<RecordingRow> Recordings::find(std::string_view user, const RecordingName& name) {
  return resolve(user, name).and_then([](RecordingRow row) -> Result<RecordingRow> {
    if (!row.is_stored()) return no_such_recording();
    return row;
  });
}

Result<audiostore::SignedUrl> Recordings::link(std::string_view user, const RecordingName& name,
                                               const audiostore::SignedUrlOptions& options) {
  return find(user, name).and_then([&](const RecordingRow& row) { return link(row, options); });
}

Result<audiostore::SignedUrl> Recordings::link(const RecordingRow& row, const audiostore::SignedUrlOptions& options) {
  return AudioKey::parse(row.key).and_then(
      [&](const AudioKey& key) { return policy_outcome(audio_.signed_url(row.owner, key, options)); });
}

Result<void> Recordings::remove(std::string_view user, const RecordingName& name) {
  auto row =
      resolve(user, name).and_then([&](const RecordingRow& found) { return rows_.begin_removal(user, found.id); });
  if (!row) return std::move(row).error();
  return remove_objects(*row);
}

Result<void> Recordings::remove_objects(const RecordingRow& row) {
  auto removed = AudioKey::parse(row.key).and_then([&](const AudioKey& key) {
    return policy_outcome(audio_.remove_recording(row.owner, key.id(), {.call = bounded({})}));
  });
  if (removed) {
    rows_.drop(row);
  } else {
    rows_.release(row);
  }
  return removed;
}

Result<void> Recordings::finish_left_over(const RecordingRow& row) {
  if (row.state == "deleting") return remove_objects(row);
  auto is_there = is_this_take(row);
  if (is_there) {
    auto finished = finish(row);
    const bool is_over = finished || is_missing(finished.error());
    return is_over ? Result<void>() : Result<void>(finished.error());
  }
  if (is_missing(is_there.error()) || is_there.error().code() == ErrorCode::conflict) {
    rows_.drop(row);
    return {};
  }
  rows_.release(row);
  return is_there;
}

}  // namespace audio_service
