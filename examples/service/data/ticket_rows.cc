#include "data/ticket_rows.h"

#include "data/sql.h"
#include "text.h"

#include <fmt/format.h>

namespace audio_service {
namespace {

using audiostore::Error;
using audiostore::ErrorCode;

constexpr int most_tickets = 1000;

#define AUDIO_SERVICE_TICKET_COLUMNS \
  "id, owner_id, project_id, recording_id, size, content_type, mode, upload, expires_at, is_spent"

TicketRow read_ticket(SQLite::Statement& row) {
  const SQLite::Column upload = row.getColumn(7);
  return {.id = row.getColumn(0).getString(),
          .owner = row.getColumn(1).getString(),
          .project = row.getColumn(2).getString(),
          .recording = row.getColumn(3).getString(),
          .size = static_cast<std::uint64_t>(row.getColumn(4).getInt64()),
          .content_type = row.getColumn(5).getString(),
          .mode = row.getColumn(6).getString(),
          .upload = upload.isNull() ? std::nullopt : std::optional(upload.getString()),
          .expires_at = from_seconds(row.getColumn(8).getInt64()),
          .is_spent = row.getColumn(9).getInt() != 0};
}

}  // namespace

audiostore::Result<void> TicketRows::add(const TicketRow& ticket) {
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  const std::int64_t now = to_seconds(clock_->now());
  if (sql::number(*db, "SELECT count(*) FROM tickets WHERE owner_id = ? AND expires_at > ?", ticket.owner, now) >=
      most_tickets) {
    return Error(ErrorCode::rate_limited,
                 fmt::format("a user can have {} tickets at a time; try again in some minutes", most_tickets));
  }
  sql::run(*db,
           "INSERT INTO tickets(" AUDIO_SERVICE_TICKET_COLUMNS ", created_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
           ticket.id, ticket.owner, ticket.project, ticket.recording, static_cast<std::int64_t>(ticket.size),
           ticket.content_type, ticket.mode, ticket.upload, to_seconds(ticket.expires_at), now);
  transaction.commit();
  return {};
}

std::optional<TicketRow> TicketRows::find(std::string_view owner, std::string_view id) {
  const auto db = database_.lease();
  auto query = sql::query(
      *db, "SELECT " AUDIO_SERVICE_TICKET_COLUMNS " FROM tickets WHERE id = ? AND owner_id = ? AND is_aborted = 0", id,
      owner);
  return query.executeStep() ? std::optional(read_ticket(query)) : std::nullopt;
}

void TicketRows::remove(std::string_view id) {
  sql::run(*database_.write_lease(), "DELETE FROM tickets WHERE id = ?", id);
}

void TicketRows::abort(std::string_view id) {
  sql::run(*database_.write_lease(), "UPDATE tickets SET is_aborted = 1 WHERE id = ?", id);
}

std::vector<TicketRow> TicketRows::expired(audiostore::TimePoint before) {
  const auto db = database_.lease();
  auto query = sql::query(*db, "SELECT " AUDIO_SERVICE_TICKET_COLUMNS " FROM tickets WHERE expires_at <= ? LIMIT 1000",
                          to_seconds(before));
  std::vector<TicketRow> tickets;
  while (query.executeStep()) tickets.push_back(read_ticket(query));
  return tickets;
}

bool TicketRows::has(std::string_view id) {
  return sql::exists(*database_.lease(), "SELECT 1 FROM tickets WHERE id = ?", id);
}

}  // namespace audio_service
