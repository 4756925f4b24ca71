// The table of recordings: which object is whose, and how far it has come.
#pragma once

#include "data/database.h"

#include <audiostore/clock.h>
#include <audiostore/error.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audio_service {

struct RecordingRow {
  std::string owner;
  std::string id;
  std::string project;
  std::string key;  ///< of the object
  std::uint64_t size = 0;
  std::string content_type;
  std::optional<std::string> sha256 = {};  ///< absent of what went to the bucket directly
  std::optional<std::string> ticket = {};  ///< by which it went there
  std::optional<std::chrono::milliseconds> duration = {};
  audiostore::TimePoint created_at = {};
  std::string state = "pending";  ///< "pending", "stored", "deleting"
  std::string lease = {};         ///< whose work is under way

  [[nodiscard]] bool is_stored() const { return state == "stored"; }
};

/// How long a row that is not 'stored' belongs to who works on it. Every call to the store that such work makes has a
/// deadline below it, so that nobody works on a row that has become somebody else's.
inline constexpr std::chrono::minutes lease_time{15};
inline constexpr std::chrono::minutes longest_store_call{12};

/// The states that a row goes through: nothing -> pending -> (the object is there) -> stored -> deleting -> (the object
/// is gone) -> nothing. Only what is stored is ever shown. Thread-safe, also among processes. Throws SQLite::Exception
/// where the database fails.
class RecordingRows {
 public:
  RecordingRows(Database& database, std::shared_ptr<const audiostore::Clock> clock)
      : database_(database), clock_(std::move(clock)) {}

  std::optional<RecordingRow> find(std::string_view owner, std::string_view id);
  /// What is stored of a project, newest first.
  std::vector<RecordingRow> list(std::string_view owner, std::string_view project);

  /// Makes a pending row, or takes over one of the same bytes that somebody left. The result is the row as it is now:
  /// already stored if these bytes are. Errors: not_found (the project), already_exists (other bytes have the id),
  /// conflict (the recording is being deleted, or other bytes are on their way).
  audiostore::Result<RecordingRow> claim(RecordingRow wanted);
  /// The object is there: the row is stored from now on, and its ticket is spent. A ticket makes one recording: where
  /// it was spent before, that recording is deleted by now, and the result is "deleting", for the caller to remove the
  /// object. Errors: conflict (somebody else has the id by now).
  audiostore::Result<RecordingRow> finish(const RecordingRow& row);

  /// Marks a stored row as going, or takes over one that somebody left. The result has the lease. Errors: not_found,
  /// conflict (somebody is at it).
  audiostore::Result<RecordingRow> begin_removal(std::string_view owner, std::string_view id);

  /// The row is gone, if the lease is still this one.
  void drop(const RecordingRow& row);
  /// Whoever comes next can take over at once, if the lease is still this one.
  void release(const RecordingRow& row);

  /// Takes over the rows that somebody left unfinished: those whose lease has ended `before`.
  std::vector<RecordingRow> take_over_unfinished(audiostore::TimePoint before);

  bool has_key(std::string_view key);
  std::vector<RecordingRow> all_stored();

 private:
  Database& database_;
  std::shared_ptr<const audiostore::Clock> clock_;
};

}  // namespace audio_service
