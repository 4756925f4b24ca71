#include <audiostore/audio_store.h>

#include "core/call_guard.h"
#include "core/crypto.h"
#include "recordings/access.h"
#include "recordings/content_disposition.h"
#include "recordings/inspected_payload.h"
#include "recordings/key_layout.h"
#include "recordings/take_listing.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

using std::chrono::seconds;

constexpr seconds longest_lifetime = std::chrono::hours(24 * 7);  // SigV4's limit

/// For transform_error: says what the error was about, where no inner layer has said it.
auto in(const Attempt& attempt) {
  return [attempt](Error&& error) { return std::move(error).with_operation(attempt.operation).with_key(attempt.key); };
}

AccessRequest request_for(std::string_view principal, AccessOperation operation, const AudioKey& key) {
  const RecordingId& id = key.id();
  return {principal, operation, id.user(), id.project(), id.recording(), key.format()};
}

PutOptions put_options(AudioFormat format, const UploadOptions& options) {
  PutOptions put{.mode = options.mode, .call = options.call};
  put.attributes.content_type = mime_type(format);
  put.attributes.cache_control = "private";  // a cache between store and listener must not hand it to others
  return put;
}

/// Tells this upload from every other, also of the same bytes, whose ETag is the same.
Result<void> sign_upload(PutOptions& put) {
  return random_hex(16).transform([&](std::string id) { put.attributes.metadata["upload-id"] = std::move(id); });
}

/// What became of `key`.
Result<void> outcome_of(const RemoveReport& report, const ObjectKey& key) {
  const auto found = std::ranges::find(report.outcomes, key, &RemoveOutcome::key);
  if (found == report.outcomes.end()) {
    return Error(ErrorCode::corrupt, "the store does not say whether the take was removed; remove it again");
  }
  return found->error ? Result<void>(*found->error) : Result<void>();
}

}  // namespace

struct AudioStore::State {
  std::shared_ptr<ObjectStore> store;
  AccessPolicy policy;
  AudioStoreOptions options;

  [[nodiscard]] Result<void> ask(const AccessRequest& request, const Attempt& attempt) const {
    return audiostore::ask(policy, request, options.denial, attempt);
  }

  [[nodiscard]] Result<PresignRequest> request_to_sign(const AudioKey& key, const SignedUrlOptions& wanted) const;
  [[nodiscard]] Result<SignedUrl> sign(const PresignRequest& request) const;
  [[nodiscard]] Result<PutResult> put(const AudioKey& key, const Payload& bytes, PutOptions put) const;
  [[nodiscard]] Result<void> tell_uploaded(const AudioKey& key, const PutResult& stored, const PutOptions& put) const;
  [[nodiscard]] Result<void> tell_removed(const AudioKey& key) const;
  [[nodiscard]] Result<void> take_back(const ObjectKey& key, const Metadata& upload) const;
  [[nodiscard]] Result<std::vector<Take>> list(const AccessRequest& request, const std::string& prefix,
                                               const CallOptions& call) const;
};

Result<PresignRequest> AudioStore::State::request_to_sign(const AudioKey& key, const SignedUrlOptions& wanted) const {
  const seconds lifetime = wanted.expires_in.value_or(options.url_lifetime);
  const seconds most = std::min<seconds>(options.max_url_lifetime, longest_lifetime);
  if (lifetime < seconds(1) || lifetime > most) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("a lifetime of {} s was asked for, it must be 1 to {} s", lifetime.count(), most.count()));
  }
  auto disposition =
      wanted.download_as.empty() ? Result<std::string>("inline") : attachment_disposition(wanted.download_as);
  return std::move(disposition).transform([&](std::string text) {
    return PresignRequest{.key = key.object_key(),
                          .expires_in = lifetime,
                          .response_content_type = std::string(mime_type(key.format())),
                          .response_content_disposition = std::move(text)};
  });
}

Result<SignedUrl> AudioStore::State::sign(const PresignRequest& request) const {
  return store->presign(request).transform([](SignedRequest signed_request) {
    return SignedUrl{std::move(signed_request.url), signed_request.expires_in, signed_request.expires_at};
  });
}

/// Stores the take and tells the hook.
Result<PutResult> AudioStore::State::put(const AudioKey& key, const Payload& bytes, PutOptions put) const {
  const bool may_be_taken_back = options.hooks.on_uploaded && put.mode == PutMode::create;
  if (auto told_apart = may_be_taken_back ? sign_upload(put) : Result<void>(); !told_apart) {
    return std::move(told_apart).error();
  }
  return store->put(key.object_key(), bytes, put).and_then([&](PutResult stored) {
    return tell_uploaded(key, stored, put).transform([&] { return std::move(stored); });
  });
}

Result<void> AudioStore::State::tell_uploaded(const AudioKey& key, const PutResult& stored,
                                              const PutOptions& put) const {
  if (!options.hooks.on_uploaded) return {};
  auto told = call_guarded("the on_uploaded hook", [&] { return options.hooks.on_uploaded(key, stored); });
  if (told || put.mode != PutMode::create) return told;
  auto undone = take_back(key.object_key(), put.attributes.metadata);
  if (undone) return told;
  const Error& error = told.error();
  return Error(error.code(), fmt::format("{}; the take stays stored, since removing it failed: {}", error.message(),
                                         undone.error().message()))
      .with_retryable(error.retryable());
}

/// Removes what was just stored, unless somebody has stored anything else there since. Not stopped by the caller's
/// stop token or deadline, which may be why there is something to take back.
Result<void> AudioStore::State::take_back(const ObjectKey& key, const Metadata& upload) const {
  const auto there = store->head(key);
  if (there) return there->attributes.metadata == upload ? store->remove(key) : Result<void>();
  return there.error().code() == ErrorCode::not_found ? Result<void>() : Result<void>(there.error());
}

Result<void> AudioStore::State::tell_removed(const AudioKey& key) const {
  if (!options.hooks.on_removed) return {};
  return call_guarded("the on_removed hook", [&] { return options.hooks.on_removed(key); });
}

Result<std::vector<Take>> AudioStore::State::list(const AccessRequest& request, const std::string& prefix,
                                                  const CallOptions& call) const {
  const Attempt attempt{"list", prefix};
  return ask(request, attempt).and_then([&] { return list_takes(*store, prefix, call); }).transform_error(in(attempt));
}

AudioStore::AudioStore(std::shared_ptr<ObjectStore> store, AccessPolicy policy, AudioStoreOptions options)
    : state_(std::make_shared<const State>(State{std::move(store), std::move(policy), std::move(options)})) {}

Result<UploadResult> AudioStore::upload(std::string_view principal, const RecordingId& id, const Payload& payload,
                                        const UploadOptions& options) {
  const std::string stem = recording_stem(id);
  auto inspected = inspect_and_bind(payload, state_->options.limits, options.declared_type);
  if (!inspected) return in({"upload", stem})(std::move(inspected).error());
  const auto& [info, bytes] = *inspected;

  const AudioKey key(id, info.format);
  const std::string key_text = key.str();
  const Attempt attempt{"upload", key_text};
  if (options.sign_url) {  // found out before anything is stored: it is the options that are wrong
    if (auto can_be = state_->request_to_sign(key, {}); !can_be) return in(attempt)(std::move(can_be).error());
  }
  AccessRequest request = request_for(principal, AccessOperation::upload, key);
  request.size = bytes.size();
  if (auto allowed = state_->ask(request, attempt); !allowed) return std::move(allowed).error();

  auto stored = state_->put(key, bytes, put_options(info.format, options));
  if (!stored) return in(attempt)(std::move(stored).error());

  UploadResult result{key, bytes.size(), std::string(mime_type(info.format)), std::move(stored->etag), std::nullopt};
  if (options.sign_url) {
    if (auto url = signed_url(principal, key)) result.url = std::move(*url);
  }
  return result;
}

Result<SignedUrl> AudioStore::signed_url(std::string_view principal, const AudioKey& key,
                                         const SignedUrlOptions& options) {
  const std::string key_text = key.str();
  const Attempt attempt{"signed_url", key_text};
  auto to_sign = state_->request_to_sign(key, options);
  if (!to_sign) return in(attempt)(std::move(to_sign).error());
  return state_->ask(request_for(principal, AccessOperation::read, key), attempt)
      .and_then([&] { return state_->sign(*to_sign); })
      .transform_error(in(attempt));
}

Result<ObjectInfo> AudioStore::read(std::string_view principal, const AudioKey& key, const ByteSink& sink,
                                    const GetOptions& options) {
  const std::string key_text = key.str();
  const Attempt attempt{"read", key_text};
  const bool hides = state_->options.denial == DenialMode::not_found;
  return state_->ask(request_for(principal, AccessOperation::read, key), attempt)
      .and_then([&] { return state_->store->get(key.object_key(), sink, options); })
      .transform_error([&](Error&& error) {
        // What the store says of a missing object would tell it from a denied one.
        const bool missing = error.code() == ErrorCode::not_found;
        return hides && missing ? no_such_recording(attempt) : Error(in(attempt)(std::move(error)));
      });
}

Result<void> AudioStore::remove(std::string_view principal, const AudioKey& key, const RemoveOptions& options) {
  const std::string key_text = key.str();
  const Attempt attempt{"remove", key_text};
  return state_->ask(request_for(principal, AccessOperation::remove, key), attempt)
      .and_then([&] { return state_->store->remove(key.object_key(), options); })
      .and_then([&] { return state_->tell_removed(key); })
      .transform_error(in(attempt));
}

Result<void> AudioStore::remove_recording(std::string_view principal, const RecordingId& id,
                                          const RemoveOptions& options) {
  const std::string stem = recording_stem(id);
  const Attempt attempt{"remove_recording", stem};
  const AccessRequest request{principal, AccessOperation::remove, id.user(), id.project(), id.recording()};
  if (auto allowed = state_->ask(request, attempt); !allowed) return allowed;

  const std::vector<AudioKey> takes = possible_takes(id);
  std::vector<ObjectKey> keys;
  keys.reserve(takes.size());
  for (const AudioKey& take : takes) keys.push_back(take.object_key());
  auto report = state_->store->remove_many(keys, options);
  if (!report) return in(attempt)(std::move(report).error());

  Result<void> result;
  for (std::size_t i = 0; i < takes.size(); ++i) {
    auto removed = outcome_of(*report, keys[i]).and_then([&] { return state_->tell_removed(takes[i]); });
    if (!removed && result) result = in({attempt.operation, keys[i].str()})(std::move(removed).error());
  }
  return result;
}

Result<std::vector<Take>> AudioStore::list_project(std::string_view principal, std::string_view user,
                                                   std::string_view project, const CallOptions& options) {
  return check_id("user id", user)
      .and_then([&] { return check_id("project id", project); })
      .transform_error(in({"list", ""}))
      .and_then([&] {
        return state_->list({principal, AccessOperation::list, user, project, ""}, project_prefix(user, project),
                            options);
      });
}

Result<std::vector<Take>> AudioStore::list_user(std::string_view principal, std::string_view user,
                                                const CallOptions& options) {
  return check_id("user id", user).transform_error(in({"list", ""})).and_then([&] {
    return state_->list({principal, AccessOperation::list, user, "", ""}, user_prefix(user), options);
  });
}

Result<AudioKey> AudioStore::key_from_url(std::string_view url) const {
  return state_->store->key_from_url(url)
      .and_then([](const ObjectKey& key) { return AudioKey::parse(key.str()); })
      .transform_error(in({"key_from_url", ""}));
}

Result<AudioKey> key_of_recording(std::string_view key, std::string_view recording) {
  return AudioKey::parse(key).and_then([&](AudioKey take) -> Result<AudioKey> {
    if (take.id().recording() == recording) return take;
    return Error(ErrorCode::invalid_argument, "the key is that of another recording than the one given with it")
        .with_key(key);
  });
}

}  // namespace audiostore
