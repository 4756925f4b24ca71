// What the service does with recordings: rows and objects, kept consistent.
#pragma once

#include "data/recording_rows.h"
#include "policy.h"

#include <audiostore/audio_store.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace audio_service {

struct NewRecording {
  std::string project;
  std::string recording;
  std::string declared_type = {};  ///< "" for no claim
  audiostore::Payload bytes = {};
  std::string sha256 = {};  ///< of the bytes
};

/// How a client names one of its recordings; what is given must agree.
struct RecordingName {
  std::string key = {};
  std::string url = {};
  std::string recording = {};
};

/// The order of things, so that whatever fails or is killed in between can be finished by a repetition or a sweep:
///
///   upload:   row "pending"  -> object (PutMode::create)  -> row "stored"
///   removal:  row "deleting" -> object(s)                 -> row gone
///
/// The row comes first and goes last, so that there is no object that no row knows of; only "stored" is ever shown, so
/// that there is no row that plays nothing. Thread-safe, also among processes. Throws SQLite::Exception where the
/// database fails. Somebody else's recordings look, to the letter, like those that do not exist.
class Recordings {
 public:
  Recordings(RecordingRows& rows, std::shared_ptr<audiostore::ObjectStore> store, audiostore::AccessPolicy policy,
             audiostore::AudioLimits limits);

  /// Stores a take. The same bytes under the same id again are the same recording. Errors: those of
  /// AudioStore::upload() and of RecordingRows::claim().
  audiostore::Result<RecordingRow> upload(std::string_view user, const NewRecording& take,
                                          const audiostore::CallOptions& call = {});

  /// Puts the object of `take`, whose properties are known, under its final key by `place`, between its row's states.
  /// `place` may be called for an object that is there already, and then says already_exists or stores the same again.
  /// Errors: those of RecordingRows::claim() and finish(), not_found (its ticket was spent before), those of `place`.
  audiostore::Result<RecordingRow> keep(
      RecordingRow take, const std::function<audiostore::Result<void>(const audiostore::AudioKey&)>& place);

  /// The user's stored recording of that name. Errors: invalid_argument (no name, names that disagree, a URL that is
  /// not the store's), not_found.
  audiostore::Result<RecordingRow> find(std::string_view user, const RecordingName& name);

  /// A link that plays it. Errors: those of find() and AudioStore::signed_url().
  audiostore::Result<audiostore::SignedUrl> link(std::string_view user, const RecordingName& name,
                                                 const audiostore::SignedUrlOptions& options = {});
  audiostore::Result<audiostore::SignedUrl> link(const RecordingRow& row,
                                                 const audiostore::SignedUrlOptions& options = {});

  /// Removes every take of it, and its row. Calling it again after a failure does the rest. Errors: those of find(),
  /// conflict, those of the store.
  audiostore::Result<void> remove(std::string_view user, const RecordingName& name);

  /// Brings a row that somebody left unfinished, and that the caller has taken over, to its end.
  audiostore::Result<void> finish_left_over(const RecordingRow& row);

  [[nodiscard]] const audiostore::AudioLimits& limits() const noexcept { return limits_; }
  /// Whether the policy allows it. Errors: not_found, unavailable (the policy failed).
  [[nodiscard]] audiostore::Result<void> check_access(const audiostore::AccessRequest& request) const {
    return ask(policy_, request);
  }

 private:
  audiostore::Result<RecordingRow> resolve(std::string_view user, const RecordingName& name);
  audiostore::Result<RecordingRow> finish(const RecordingRow& row);
  audiostore::Result<void> is_free(const audiostore::AudioKey& key);
  audiostore::Result<void> is_this_take(const RecordingRow& row);
  audiostore::Result<void> remove_objects(const RecordingRow& row);
  void withdraw(const RecordingRow& row);

  RecordingRows& rows_;
  std::shared_ptr<audiostore::ObjectStore> store_;
  audiostore::AccessPolicy policy_;
  audiostore::AudioLimits limits_;
  audiostore::AudioStore audio_;
};

/// As the file claims it; absent where it does not, or cannot be read.
std::optional<std::chrono::milliseconds> duration_of(const audiostore::Payload& bytes);

}  // namespace audio_service
