#include "data/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace audio_service {
namespace {

constexpr int busy_timeout_ms = 10'000;
constexpr int steps_between_looks = 1000;  // of SQLite's machine, at the clock

/// Migration n leads from version n to n + 1. What has been released is never changed, only added to.
constexpr std::array migrations = {
    // Who may come in. Of a token only its SHA-256 is kept.
    R"sql(
CREATE TABLE users(
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions(
  token_sha256 TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER
) STRICT;
CREATE INDEX sessions_by_user ON sessions(user_id);
CREATE TABLE projects(
  id         TEXT PRIMARY KEY,
  owner_id   TEXT NOT NULL REFERENCES users(id),
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE(owner_id, id)
) STRICT;
-- A recording id is its user's own: two users can have the same, and neither learns of the other. Whoever works on a
-- row that is not 'stored' has the lease; the row is everybody's again when that ends.
CREATE TABLE recordings(
  owner_id     TEXT NOT NULL,
  id           TEXT NOT NULL,
  project_id   TEXT NOT NULL,
  object_key   TEXT NOT NULL UNIQUE,
  state        TEXT NOT NULL CHECK(state IN ('pending', 'stored', 'deleting')),
  size         INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  sha256       TEXT,
  duration_ms  INTEGER,
  created_at   INTEGER NOT NULL,
  lease        TEXT NOT NULL,
  leased_until INTEGER NOT NULL,
  PRIMARY KEY(owner_id, id),
  FOREIGN KEY(owner_id, project_id) REFERENCES projects(owner_id, id)
) STRICT;
CREATE INDEX recordings_by_project ON recordings(project_id, created_at);
CREATE INDEX recordings_unfinished ON recordings(leased_until) WHERE state <> 'stored';
)sql",
    // Uploads that go to the bucket directly.
    R"sql(
CREATE TABLE tickets(
  id           TEXT PRIMARY KEY,
  owner_id     TEXT NOT NULL,
  project_id   TEXT NOT NULL,
  recording_id TEXT NOT NULL,
  size         INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  mode         TEXT NOT NULL CHECK(mode IN ('post', 'put', 'multipart')),
  upload       TEXT,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  FOREIGN KEY(owner_id, project_id) REFERENCES projects(owner_id, id)
) STRICT;
CREATE INDEX tickets_by_owner ON tickets(owner_id);
CREATE INDEX tickets_by_expiry ON tickets(expires_at);
ALTER TABLE recordings ADD COLUMN ticket_id TEXT;
)sql",
    // A ticket that was aborted is known until its signatures have ended, for what they may still write.
    R"sql(
ALTER TABLE tickets ADD COLUMN is_aborted INTEGER NOT NULL DEFAULT 0;
)sql",
    // One that has become a recording is spent, also when that is deleted.
    R"sql(
ALTER TABLE tickets ADD COLUMN is_spent INTEGER NOT NULL DEFAULT 0;
)sql"};

void migrate(SQLite::Database& connection) {
  SQLite::Transaction transaction(connection, SQLite::TransactionBehavior::IMMEDIATE);
  const int found = connection.execAndGet("PRAGMA user_version");
  if (found > schema_version()) {
    throw std::runtime_error(fmt::format(
        "the database has schema {}, this program knows up to {}; start the newer program", found, schema_version()));
  }
  for (auto version = static_cast<std::size_t>(found); version < migrations.size(); ++version) {
    connection.exec(migrations.at(version));
  }
  connection.exec(fmt::format("PRAGMA user_version = {}", schema_version()));
  transaction.commit();
}

}  // namespace

int schema_version() { return static_cast<int>(migrations.size()); }

Database::Database(std::filesystem::path file) : file_(std::move(file)) {
  auto connection = connect();
  migrate(*connection);
  give_back(std::move(connection));
}

std::unique_ptr<SQLite::Database> Database::connect() const {
  auto connection = std::make_unique<SQLite::Database>(
      file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, busy_timeout_ms);
  connection->exec("PRAGMA journal_mode = WAL");
  connection->exec("PRAGMA synchronous = FULL");  // a row that was acknowledged survives a power cut
  connection->exec("PRAGMA foreign_keys = ON");
  return connection;
}

void Database::Lease::limit(std::chrono::milliseconds patience) {
  deadline_ = std::make_unique<Time>(std::chrono::steady_clock::now() + patience);
  connection_->setBusyTimeout(static_cast<int>(patience.count()));
  const auto is_over = [](void* deadline) {
    return std::chrono::steady_clock::now() >= *static_cast<const Time*>(deadline) ? 1 : 0;
  };
  sqlite3_progress_handler(connection_->getHandle(), steps_between_looks, is_over, deadline_.get());
}

Database::Lease::~Lease() {
  if (!connection_) return;
  if (deadline_) {
    sqlite3_progress_handler(connection_->getHandle(), 0, nullptr, nullptr);
    sqlite3_busy_timeout(connection_->getHandle(), busy_timeout_ms);
  }
  owner_->give_back(std::move(connection_));
}

Database::Lease Database::lease() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(connection)};
    }
  }
  return {*this, connect()};
}

Database::Lease Database::write_lease() {
  begin_turn();
  std::unique_ptr<Database, Lease::EndTurn> turn(this);
  Lease connection = lease();
  connection.turn_ = std::move(turn);
  return connection;
}

void Database::begin_turn() {
  std::unique_lock lock(mutex_);
  const std::chrono::milliseconds patience(busy_timeout_ms);
  if (!turn_has_ended_.wait_for(lock, patience, [this] { return !is_writing_; })) {
    throw SQLite::Exception("others are writing", SQLITE_BUSY);
  }
  is_writing_ = true;
}

void Database::end_turn() {
  {
    const std::scoped_lock lock(mutex_);
    is_writing_ = false;
  }
  turn_has_ended_.notify_one();
}

void Database::give_back(std::unique_ptr<SQLite::Database> connection) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(connection));
}

}  // namespace audio_service
