#include "data/recording_rows.h"

#include "data/sql.h"
#include "text.h"

namespace audio_service {
namespace {

using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::Result;
using SQLite::TransactionBehavior;

// Macros, so that they can be part of a literal: statements are never put together at run time.
#define AUDIO_SERVICE_COLUMNS \
  "owner_id, id, project_id, object_key, size, content_type, sha256, ticket_id, duration_ms, created_at, state, lease"

std::optional<std::string> text_or_null(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column.getString());
}

RecordingRow read_row(SQLite::Statement& row) {
  const SQLite::Column duration = row.getColumn(8);
  return {.owner = row.getColumn(0).getString(),
          .id = row.getColumn(1).getString(),
          .project = row.getColumn(2).getString(),
          .key = row.getColumn(3).getString(),
          .size = static_cast<std::uint64_t>(row.getColumn(4).getInt64()),
          .content_type = row.getColumn(5).getString(),
          .sha256 = text_or_null(row.getColumn(6)),
          .ticket = text_or_null(row.getColumn(7)),
          .duration = duration.isNull() ? std::nullopt : std::optional(std::chrono::milliseconds(duration.getInt64())),
          .created_at = from_seconds(row.getColumn(9).getInt64()),
          .state = row.getColumn(10).getString(),
          .lease = row.getColumn(11).getString()};
}

std::vector<RecordingRow> read_rows(SQLite::Statement query) {
  std::vector<RecordingRow> rows;
  while (query.executeStep()) rows.push_back(read_row(query));
  return rows;
}

std::optional<RecordingRow> find_in(SQLite::Database& db, std::string_view owner, std::string_view id) {
  auto query =
      sql::query(db, "SELECT " AUDIO_SERVICE_COLUMNS " FROM recordings WHERE owner_id = ? AND id = ?", owner, id);
  return query.executeStep() ? std::optional(read_row(query)) : std::nullopt;
}

void insert_into(SQLite::Database& db, const RecordingRow& row, std::int64_t leased_until) {
  sql::run(db,
           "INSERT INTO recordings(" AUDIO_SERVICE_COLUMNS
           ", leased_until) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
           row.owner, row.id, row.project, row.key, static_cast<std::int64_t>(row.size), row.content_type, row.sha256,
           row.ticket, row.duration, to_seconds(row.created_at), row.state, row.lease, leased_until);
}

/// False where it was spent before.
bool spend(SQLite::Database& db, const std::optional<std::string>& ticket) {
  const bool was_spent = ticket && sql::exists(db, "SELECT 1 FROM tickets WHERE id = ? AND is_spent", *ticket);
  if (ticket) sql::run(db, "UPDATE tickets SET is_spent = 1 WHERE id = ?", *ticket);
  return !was_spent;
}

/// Whether both are of the same bytes, as far as can be told for certain.
bool same_take(const RecordingRow& a, const RecordingRow& b) {
  const bool same_bytes = a.sha256 && a.sha256 == b.sha256;
  const bool same_ticket = a.ticket && a.ticket == b.ticket;
  return a.key == b.key && a.size == b.size && (same_bytes || same_ticket);
}

Error in_the_way(const RecordingRow& there) {
  if (there.is_stored()) {
    return {ErrorCode::already_exists, "there is another recording of this id; use a new id for new bytes"};
  }
  return Error(ErrorCode::conflict, there.state == "deleting"
                                        ? "the recording of this id is being deleted; use a new id"
                                        : "other bytes are on their way under this id; use a new id")
      .with_retryable(true);
}

Error no_such_recording() { return {ErrorCode::not_found, "there is no such recording"}; }

}  // namespace

std::optional<RecordingRow> RecordingRows::find(std::string_view owner, std::string_view id) {
  return find_in(*database_.lease(), owner, id);
}

std::vector<RecordingRow> RecordingRows::list(std::string_view owner, std::string_view project) {
  const auto db = database_.lease();
  return read_rows(sql::query(*db,
                              "SELECT " AUDIO_SERVICE_COLUMNS
                              " FROM recordings WHERE owner_id = ? AND project_id = ? AND state = 'stored'"
                              " ORDER BY created_at DESC, rowid DESC",
                              owner, project));
}

Result<RecordingRow> RecordingRows::claim(RecordingRow wanted) {
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, TransactionBehavior::IMMEDIATE);
  wanted.lease = random_hex(16);
  wanted.created_at = from_seconds(to_seconds(clock_->now()));
  const std::int64_t until = to_seconds(clock_->now() + lease_time);
  auto there = find_in(*db, wanted.owner, wanted.id);
  if (there && (there->state == "deleting" || !same_take(*there, wanted))) return in_the_way(*there);
  if (there && there->is_stored()) return *there;
  if (there) {
    sql::run(*db, "UPDATE recordings SET lease = ?, leased_until = ? WHERE owner_id = ? AND id = ?", wanted.lease,
             until, wanted.owner, wanted.id);
  } else if (sql::exists(*db, "SELECT 1 FROM projects WHERE owner_id = ? AND id = ?", wanted.owner, wanted.project)) {
    insert_into(*db, wanted, until);
  } else {
    return Error(ErrorCode::not_found, "there is no such project");
  }
  transaction.commit();
  return wanted;
}

Result<RecordingRow> RecordingRows::finish(const RecordingRow& row) {
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, TransactionBehavior::IMMEDIATE);
  const auto there = find_in(*db, row.owner, row.id);
  if (there && (there->state == "deleting" || !same_take(*there, row))) return in_the_way(*there);
  if (there && there->is_stored()) return *there;
  RecordingRow done = row;
  done.state = spend(*db, row.ticket) ? "stored" : "deleting";
  const std::int64_t until = to_seconds(clock_->now() + lease_time);
  if (there) {
    sql::run(*db, "UPDATE recordings SET state = ?, lease = ?, leased_until = ? WHERE owner_id = ? AND id = ?",
             done.state, done.lease, until, row.owner, row.id);
  } else {
    // Somebody who had taken the row over has failed and dropped it, while these same bytes have arrived.
    insert_into(*db, done, until);
  }
  transaction.commit();
  return done;
}

Result<RecordingRow> RecordingRows::begin_removal(std::string_view owner, std::string_view id) {
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, TransactionBehavior::IMMEDIATE);
  auto row = find_in(*db, owner, id);
  if (!row || row->state == "pending") return no_such_recording();
  row->lease = random_hex(16);
  row->state = "deleting";
  const int changed =
      sql::run(*db,
               "UPDATE recordings SET state = 'deleting', lease = ?, leased_until = ? WHERE owner_id = ?"
               " AND id = ? AND (state = 'stored' OR leased_until <= ?)",
               row->lease, to_seconds(clock_->now() + lease_time), owner, id, to_seconds(clock_->now()));
  if (changed == 0) return Error(ErrorCode::conflict, "the recording is being deleted").with_retryable(true);
  transaction.commit();
  return *row;
}

void RecordingRows::drop(const RecordingRow& row) {
  sql::run(*database_.write_lease(),
           "DELETE FROM recordings WHERE owner_id = ? AND id = ? AND lease = ? AND state <> 'stored'", row.owner,
           row.id, row.lease);
}

void RecordingRows::release(const RecordingRow& row) {
  sql::run(*database_.write_lease(),
           "UPDATE recordings SET leased_until = 0 WHERE owner_id = ? AND id = ? AND lease = ?", row.owner, row.id,
           row.lease);
}

std::vector<RecordingRow> RecordingRows::take_over_unfinished(audiostore::TimePoint before) {
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, TransactionBehavior::IMMEDIATE);
  auto rows = read_rows(sql::query(
      *db, "SELECT " AUDIO_SERVICE_COLUMNS " FROM recordings WHERE state <> 'stored' AND leased_until <= ? LIMIT 1000",
      to_seconds(before)));
  for (RecordingRow& row : rows) {
    row.lease = random_hex(16);
    sql::run(*db, "UPDATE recordings SET lease = ?, leased_until = ? WHERE owner_id = ? AND id = ?", row.lease,
             to_seconds(clock_->now() + lease_time), row.owner, row.id);
  }
  transaction.commit();
  return rows;
}

bool RecordingRows::has_key(std::string_view key) {
  return sql::exists(*database_.lease(), "SELECT 1 FROM recordings WHERE object_key = ?", key);
}

std::vector<RecordingRow> RecordingRows::all_stored() {
  const auto db = database_.lease();
  return read_rows(sql::query(*db, "SELECT " AUDIO_SERVICE_COLUMNS " FROM recordings WHERE state = 'stored'"));
}

}  // namespace audio_service
