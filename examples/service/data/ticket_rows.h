// The table of tickets: permissions to upload one take to the bucket directly.
#pragma once

#include "data/database.h"

#include <audiostore/clock.h>
#include <audiostore/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audio_service {

/// What a ticket is bound to. Nothing of it ever changes, but that it is spent at some time.
struct TicketRow {
  std::string id;
  std::string owner;
  std::string project;
  std::string recording;
  std::uint64_t size = 0;
  std::string content_type;
  std::string mode;                        ///< "post", "put" or "multipart"
  std::optional<std::string> upload = {};  ///< UploadCheckpoint::to_string(), of "multipart"
  audiostore::TimePoint expires_at = {};
  bool is_spent = false;  ///< has become a recording, see RecordingRows::finish()
};

/// Thread-safe. Throws SQLite::Exception where the database fails.
class TicketRows {
 public:
  TicketRows(Database& database, std::shared_ptr<const audiostore::Clock> clock)
      : database_(database), clock_(std::move(clock)) {}

  /// Errors: rate_limited (the user has as many as there may be, those that are used or aborted among them).
  audiostore::Result<void> add(const TicketRow& ticket);
  /// The user's ticket, whether it has expired or not, unless it was aborted.
  std::optional<TicketRow> find(std::string_view owner, std::string_view id);
  /// find() does not find it any more; expired() does, when it is time.
  void abort(std::string_view id);
  void remove(std::string_view id);
  std::vector<TicketRow> expired(audiostore::TimePoint before);
  bool has(std::string_view id);

 private:
  Database& database_;
  std::shared_ptr<const audiostore::Clock> clock_;
};

}  // namespace audio_service
