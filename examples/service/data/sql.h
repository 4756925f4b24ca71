// Statements with their values bound, never pasted.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audio_service::sql {

inline void bind_value(SQLite::Statement& statement, int index, std::string_view text) {
  statement.bind(index, std::string(text));
}
inline void bind_value(SQLite::Statement& statement, int index, std::int64_t number) { statement.bind(index, number); }
inline void bind_value(SQLite::Statement& statement, int index, std::chrono::milliseconds time) {
  statement.bind(index, std::int64_t{time.count()});
}
template <class T>
void bind_value(SQLite::Statement& statement, int index, const std::optional<T>& value) {
  if (value) {
    bind_value(statement, index, *value);
  } else {
    statement.bind(index);
  }
}

/// A statement to be stepped through, which must not outlive `db`.
template <class... Values>
SQLite::Statement query(SQLite::Database& db, const char* text, const Values&... values) {
  SQLite::Statement statement(db, text);
  int index = 0;
  (bind_value(statement, ++index, values), ...);
  return statement;
}

/// The number of rows that were changed.
template <class... Values>
int run(SQLite::Database& db, const char* text, const Values&... values) {
  return query(db, text, values...).exec();
}

template <class... Values>
bool exists(SQLite::Database& db, const char* text, const Values&... values) {
  return query(db, text, values...).executeStep();
}

template <class... Values>
std::int64_t number(SQLite::Database& db, const char* text, const Values&... values) {
  auto statement = query(db, text, values...);
  return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

}  // namespace audio_service::sql
