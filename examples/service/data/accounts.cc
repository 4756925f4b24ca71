#include "data/accounts.h"

#include "data/sql.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>

namespace audio_service {
namespace {

using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::Result;

constexpr std::size_t longest_name = 200;
constexpr int most_projects = 10'000;

Result<void> check_name(std::string_view name) {
  const bool has_control = std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (name.empty() || name.size() > longest_name || has_control || !is_utf8(name)) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("a name has 1 to {} bytes of UTF-8 and no control characters", longest_name));
  }
  return {};
}

std::optional<User> find_user(SQLite::Database& db, std::string_view token, std::int64_t now) {
  const std::string hash = sha256_hex(token);
  auto query = sql::query(db,
                          "SELECT s.token_sha256, u.id, u.name FROM sessions s JOIN users u ON u.id = s.user_id "
                          "WHERE s.token_sha256 = ? AND (s.expires_at IS NULL OR s.expires_at > ?)",
                          hash, now);
  // The index compares bytes until they differ: of a hash, which tells nothing of a token. This compares all of them.
  if (!query.executeStep() || !equal_in_constant_time(query.getColumn(0).getString(), hash)) return std::nullopt;
  return User{query.getColumn(1).getString(), query.getColumn(2).getString()};
}

/// A token without an end.
std::string make_token(SQLite::Database& db, const std::string& user, std::int64_t now) {
  std::string token = random_hex(32);
  sql::run(db, "INSERT INTO sessions(token_sha256, user_id, created_at) VALUES(?, ?, ?)", sha256_hex(token), user, now);
  return token;
}

}  // namespace

Result<std::string> Accounts::add_user(std::string_view name) {
  if (auto checked = check_name(name); !checked) return std::move(checked).error();
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  if (sql::exists(*db, "SELECT 1 FROM users WHERE name = ?", name)) {
    return Error(ErrorCode::already_exists, "there is a user of this name; choose another");
  }
  const std::int64_t now = to_seconds(clock_->now());
  const std::string id = random_hex(16);
  sql::run(*db, "INSERT INTO users(id, name, created_at) VALUES(?, ?, ?)", id, name, now);
  std::string token = make_token(*db, id, now);
  transaction.commit();
  return token;
}

Result<std::string> Accounts::new_token(std::string_view name) {
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  auto user = sql::query(*db, "SELECT id FROM users WHERE name = ?", name);
  if (!user.executeStep()) return Error(ErrorCode::not_found, "there is no user of this name; add-user makes one");
  const std::string id = user.getColumn(0).getString();
  user.reset();
  sql::run(*db, "DELETE FROM sessions WHERE user_id = ?", id);
  std::string token = make_token(*db, id, to_seconds(clock_->now()));
  transaction.commit();
  return token;
}

std::optional<User> Accounts::user_of(std::string_view token) {
  return find_user(*database_.lease(), token, to_seconds(clock_->now()));
}

std::optional<std::string> Accounts::open_session(std::string_view login, std::chrono::seconds lifetime) {
  std::string token = random_hex(32);
  const std::int64_t now = to_seconds(clock_->now());
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  const auto user = find_user(*db, login, now);
  if (!user) return std::nullopt;
  sql::run(
      *db,
      "DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE user_id = ? AND expires_at IS NOT NULL "
      "ORDER BY created_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
      user->id, std::int64_t{most_sessions - 1});
  sql::run(*db, "INSERT INTO sessions(token_sha256, user_id, created_at, expires_at) VALUES(?, ?, ?, ?)",
           sha256_hex(token), user->id, now, now + lifetime.count());
  transaction.commit();
  return token;
}

bool Accounts::close_session(std::string_view token) {
  const auto db = database_.write_lease();
  auto closed = sql::query(*db, "DELETE FROM sessions WHERE token_sha256 = ? RETURNING expires_at", sha256_hex(token));
  bool had_no_end = false;
  while (closed.executeStep()) had_no_end = closed.getColumn(0).isNull();
  return had_no_end;
}

void Accounts::sweep_sessions() {
  sql::run(*database_.write_lease(), "DELETE FROM sessions WHERE expires_at <= ?", to_seconds(clock_->now()));
}

std::vector<Project> Accounts::projects(std::string_view user) {
  const auto db = database_.lease();
  auto query =
      sql::query(*db, "SELECT id, name, created_at FROM projects WHERE owner_id = ? ORDER BY created_at, id", user);
  std::vector<Project> projects;
  while (query.executeStep()) {
    projects.push_back(
        {query.getColumn(0).getString(), query.getColumn(1).getString(), from_seconds(query.getColumn(2).getInt64())});
  }
  return projects;
}

Result<Project> Accounts::add_project(std::string_view user, std::string_view name) {
  if (auto checked = check_name(name); !checked) return std::move(checked).error();
  const auto db = database_.write_lease();
  SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
  if (sql::number(*db, "SELECT count(*) FROM projects WHERE owner_id = ?", user) >= most_projects) {
    return Error(ErrorCode::rate_limited, fmt::format("a user can have {} projects", most_projects));
  }
  const std::int64_t now = to_seconds(clock_->now());
  Project project{random_hex(16), std::string(name), from_seconds(now)};
  sql::run(*db, "INSERT INTO projects(id, owner_id, name, created_at) VALUES(?, ?, ?, ?)", project.id, user, name, now);
  transaction.commit();
  return project;
}

}  // namespace audio_service
