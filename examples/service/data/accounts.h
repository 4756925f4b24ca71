// Users, their sessions and their projects.
#pragma once

#include "data/database.h"

#include <audiostore/clock.h>
#include <audiostore/error.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audio_service {

struct User {
  std::string id;
  std::string name;
};

struct Project {
  std::string id;
  std::string name;
  audiostore::TimePoint created_at;
};

/// Thread-safe. Throws SQLite::Exception where the database fails.
class Accounts {
 public:
  Accounts(Database& database, std::shared_ptr<const audiostore::Clock> clock)
      : database_(database), clock_(std::move(clock)) {}

  /// Makes a user, and a token that lasts until it is logged out. This is the only time that the token can be seen.
  /// Errors: already_exists, invalid_argument (a name that is empty, too long or has control characters).
  audiostore::Result<std::string> add_user(std::string_view name);

  /// Another token for a user, as add_user() makes them; all tokens and sessions of before end at that moment. What a
  /// user does whose token is lost, or known to others. Errors: not_found.
  audiostore::Result<std::string> new_token(std::string_view name);

  /// Whose token it is; nullopt where nobody's, or no more.
  std::optional<User> user_of(std::string_view token);

  static constexpr int most_sessions = 50;

  /// A new token for whose token `login` is, that ends after `lifetime`; nullopt where `login` has ended meanwhile. Of
  /// those a user has `most_sessions`; the oldest ones end for it.
  std::optional<std::string> open_session(std::string_view login, std::chrono::seconds lifetime);
  /// True where `token` was one that lasts until it is logged out.
  bool close_session(std::string_view token);
  /// Removes sessions that have ended.
  void sweep_sessions();

  std::vector<Project> projects(std::string_view user);
  /// Errors: invalid_argument (as add_user), rate_limited (the user has as many as there may be).
  audiostore::Result<Project> add_project(std::string_view user, std::string_view name);

 private:
  Database& database_;
  std::shared_ptr<const audiostore::Clock> clock_;
};

}  // namespace audio_service
