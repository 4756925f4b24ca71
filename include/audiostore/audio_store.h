// The recordings of many users in one object store: checked, owned, handed out by signed URL.
#pragma once

#include <audiostore/access_policy.h>
#include <audiostore/audio.h>
#include <audiostore/audio_key.h>
#include <audiostore/clock.h>
#include <audiostore/object_store.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// How a denial looks to who is denied.
enum class DenialMode {
  permission_denied,  ///< says that access was denied
  /// The same not_found, to the letter, as for a recording that does not exist, so that nobody can probe which ones do.
  /// (A denial still comes sooner, as the store is not asked.)
  not_found,
};

/// The application's part in an operation, for the row in its own database that belongs to the object. Called on the
/// calling thread with no lock held; an Error or a throw fails the operation.
struct AudioStoreHooks {
  /// A take has been stored. On failure the upload fails, and with PutMode::create the object is removed again if it is
  /// still the one that this upload stored, which a random "upload-id" in its metadata tells, also from an upload of
  /// the same bytes. (Stores have no conditional removal: what somebody else stores between the look and the removal, a
  /// moment later, goes too. With fresh recording ids there is nobody else.) With PutMode::overwrite it stays: it may
  /// have replaced an older take, which cannot be brought back and whose row points to it. Uploading again calls the
  /// hook again.
  std::function<Result<void>(const AudioKey&, const PutResult&)> on_uploaded = {};
  /// There is no such take any more. It is called too when there was no object before, so that calling remove again
  /// after a failure brings object and row together; remove_recording() calls it for every format.
  std::function<Result<void>(const AudioKey&)> on_removed = {};
};

struct AudioStoreOptions {
  AudioLimits limits = {};
  std::chrono::seconds url_lifetime = std::chrono::hours(1);       ///< of a signed URL if not said otherwise
  std::chrono::seconds max_url_lifetime = std::chrono::hours(24);  ///< the longest that may be asked for
  DenialMode denial = DenialMode::permission_denied;
  AudioStoreHooks hooks = {};
};

struct UploadOptions {
  /// What the client says the bytes are; refused if they are something else. Empty: no claim.
  std::string declared_type = {};
  PutMode mode = PutMode::overwrite;
  /// Also hand out a link that plays the take, as signed_url() with its defaults does. That is an operation of its own:
  /// the policy is asked for it, too (AccessOperation::read), and a denial leaves UploadResult::url absent.
  bool sign_url = false;
  CallOptions call = {};
};

/// A link that plays one take without credentials until it expires. Treat it as a secret.
struct SignedUrl {
  std::string url;
  std::chrono::seconds expires_in;  ///< from now, cut; shorter than asked for if the credentials end earlier
  TimePoint expires_at;
};

struct UploadResult {
  AudioKey key;
  std::uint64_t size;
  std::string content_type;  ///< canonical, from the bytes
  std::string etag;
  /// Absent where UploadOptions::sign_url did not ask for it, the policy denies it, or the store signs no URLs or could
  /// not sign this one: the take is stored all the same, and signed_url() says why.
  std::optional<SignedUrl> url;
};

struct SignedUrlOptions {
  std::optional<std::chrono::seconds> expires_in = {};  ///< absent: AudioStoreOptions::url_lifetime
  /// The file name that a browser saves the take under (Content-Disposition: attachment), in UTF-8 of at most 255 bytes
  /// without control characters, '/' and '\'. Empty: played in place.
  std::string download_as = {};
};

/// One take in a listing.
struct Take {
  AudioKey key;
  std::uint64_t size;
  std::string etag;
  TimePoint last_modified;
};

/// Recordings in an ObjectStore. Thread-safe.
///
/// Each function takes first the principal: who asks, as the application knows them. Arguments are checked first; then
/// the policy is asked exactly once, before the store is; a denial is permission_denied or, as DenialMode says,
/// not_found. Errors that every call may return besides those named are those of the store.
class AudioStore {
 public:
  /// An empty `policy` denies everything. REQUIRES: store is not null.
  AudioStore(std::shared_ptr<ObjectStore> store, AccessPolicy policy, AudioStoreOptions options = {});

  /// Stores a take of `id`, whole or not at all, if its bytes are audio that is allowed and the policy agrees. The
  /// key's extension and the stored content type come from the bytes; if those that were inspected have changed by the
  /// time they are stored, nothing is. Errors: those of inspect_audio(), already_exists (PutMode::create), corrupt (the
  /// payload changed), invalid_argument (sign_url with a url_lifetime that cannot be), and what the hook returns.
  Result<UploadResult> upload(std::string_view principal, const RecordingId& id, const Payload& payload,
                              const UploadOptions& options = {});

  /// A link that plays the take, served as the format's canonical type. Offline: it does not look whether the take
  /// exists. Errors: invalid_argument (a lifetime under a second, over the maximum or over SigV4's 7 days, a
  /// download_as that is no file name), unauthenticated, unsupported.
  Result<SignedUrl> signed_url(std::string_view principal, const AudioKey& key, const SignedUrlOptions& options = {});

  /// Feeds the take's bytes to `sink`. Errors: those of ObjectStore::get().
  Result<ObjectInfo> read(std::string_view principal, const AudioKey& key, const ByteSink& sink,
                          const GetOptions& options = {});

  /// Removes one take. Removing what is not there succeeds. Errors: also what the hook returns.
  Result<void> remove(std::string_view principal, const AudioKey& key, const RemoveOptions& options = {});

  /// Removes all takes of a recording, whichever formats it has. Each take that is gone is told to the hook, also when
  /// others fail; the first error is returned, with the take's key. Calling it again does the rest.
  Result<void> remove_recording(std::string_view principal, const RecordingId& id, const RemoveOptions& options = {});

  /// All takes of a user's project, in the byte order of their keys. Objects that are no takes are passed over.
  /// Errors: invalid_argument (ids), corrupt (a listing that does not hold together).
  Result<std::vector<Take>> list_project(std::string_view principal, std::string_view user, std::string_view project,
                                         const CallOptions& options = {});

  /// All takes of a user, likewise.
  Result<std::vector<Take>> list_user(std::string_view principal, std::string_view user,
                                      const CallOptions& options = {});

  /// The take that a URL of this store names: presigned or plain, in any form that this store makes, and no other.
  /// Pure; asks no policy. Errors: invalid_argument, unsupported.
  [[nodiscard]] Result<AudioKey> key_from_url(std::string_view url) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// A key that came together with a recording id: parses it and checks that it names the recording.
/// Errors: invalid_argument, also when the two disagree.
Result<AudioKey> key_of_recording(std::string_view key, std::string_view recording);

}  // namespace audiostore
