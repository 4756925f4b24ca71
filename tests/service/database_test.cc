// The schema: what it refuses, how it grows, and how two processes share it.
#include "data/accounts.h"
#include "data/sql.h"
#include "support/results.h"
#include "support/temp_folder.h"
#include "text.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace audio_service;

TEST_CASE("the schema is made once, and a newer one is left alone", "[service]") {
  const audiostore::TempFolder folder;
  const auto file = folder.path() / "db";
  { Database first(file); }
  Database again(file);
  const auto db = again.lease();
  CHECK(sql::number(*db, "PRAGMA user_version") == schema_version());
  CHECK(sql::number(*db, "PRAGMA foreign_keys") == 1);
  CHECK(db->execAndGet("PRAGMA journal_mode").getString() == "wal");
  db->exec("PRAGMA user_version = 99");
  CHECK_THROWS_WITH(Database(file), Catch::Contains("99") && Catch::Contains("newer"));
}

TEST_CASE("a database of the first version is brought up to date with what is in it", "[service]") {
  const audiostore::TempFolder folder;
  const auto file = folder.path() / "db";
  {
    Database made(file);
    const auto db = made.lease();
    db->exec("DROP TABLE tickets; ALTER TABLE recordings DROP COLUMN ticket_id; PRAGMA user_version = 1");
    db->exec("INSERT INTO users VALUES('u', 'alice', 1)");
  }
  Database now(file);
  CHECK(sql::number(*now.lease(), "SELECT count(*) FROM tickets") == 0);
  CHECK(sql::exists(*now.lease(), "SELECT 1 FROM users WHERE name = 'alice'"));
  CHECK_NOTHROW(sql::exists(*now.lease(), "SELECT ticket_id FROM recordings"));
}

TEST_CASE("rows that belong to nobody are refused", "[service]") {
  const audiostore::TempFolder folder;
  Database database(folder.path() / "db");
  const auto db = database.lease();
  CHECK_THROWS(db->exec("INSERT INTO projects VALUES('p', 'nobody', 'x', 1)"));
  CHECK_THROWS(db->exec("INSERT INTO sessions VALUES('hash', 'nobody', 1, NULL)"));
  db->exec("INSERT INTO users VALUES('a', 'alice', 1), ('b', 'bob', 1); INSERT INTO projects VALUES('p', 'a', 'x', 1)");
  const char* insert =
      "INSERT INTO recordings(owner_id, id, project_id, object_key, state, size, content_type, created_at, lease, "
      "leased_until) VALUES(?, 'r', 'p', ?, ?, 1, 'audio/wav', 1, '', 0)";
  CHECK_THROWS(sql::run(*db, insert, "b", "k", "stored"));  // in another's project
  CHECK_THROWS(sql::run(*db, insert, "a", "k", "odd"));
  CHECK_NOTHROW(sql::run(*db, insert, "a", "k", "stored"));
  CHECK_THROWS(sql::run(*db, insert, "a", "k2", "stored"));
}

TEST_CASE("a user has a name that every answer can hold", "[service]") {
  const audiostore::TempFolder folder;
  Database database(folder.path() / "db");
  Accounts accounts(database, audiostore::system_clock());
  for (const char* name : {"", "J\xfcrgen", "\xc3", "\xed\xa0\x80", "a\nb"}) {
    INFO(name);
    CHECK(audiostore::code_of(accounts.add_user(name)) == audiostore::ErrorCode::invalid_argument);
  }
  CHECK(accounts.add_user("J\xc3\xbcrgen"));
}

TEST_CASE("a token that ends while its session waits to be opened opens none", "[service]") {
  const audiostore::TempFolder folder;
  Database database(folder.path() / "db");
  Accounts accounts(database, audiostore::system_clock());
  const std::string leaked = audiostore::must(accounts.add_user("alice"));
  REQUIRE(accounts.user_of(leaked));
  const std::string token = audiostore::must(accounts.new_token("alice"));
  CHECK_FALSE(accounts.open_session(leaked, std::chrono::hours(1)));
  CHECK(accounts.open_session(token, std::chrono::hours(1)));
}

TEST_CASE("sessions end, and only hashes of tokens are kept", "[service]") {
  const audiostore::TempFolder folder;
  Database database(folder.path() / "db");
  Accounts accounts(database, audiostore::system_clock());
  const std::string token = audiostore::must(accounts.add_user("alice"));
  CHECK(audiostore::code_of(accounts.add_user("alice")) == audiostore::ErrorCode::already_exists);
  CHECK(sql::exists(*database.lease(), "SELECT 1 FROM sessions WHERE token_sha256 = ?", sha256_hex(token)));
  const std::string ended = accounts.open_session(token, std::chrono::seconds(-1)).value();
  CHECK_FALSE(accounts.user_of(ended));
  accounts.sweep_sessions();
  CHECK(sql::number(*database.lease(), "SELECT count(*) FROM sessions") == 1);
  accounts.close_session(token);
  CHECK_FALSE(accounts.user_of(token));
}

TEST_CASE("several connections write at once and lose nothing", "[service]") {
  const audiostore::TempFolder folder;
  Database one(folder.path() / "db");
  Database two(folder.path() / "db");  // as another process has it
  const std::string token = audiostore::must(Accounts(one, audiostore::system_clock()).add_user("alice"));
  const std::string user = Accounts(one, audiostore::system_clock()).user_of(token)->id;
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      Accounts accounts(i % 2 == 0 ? one : two, audiostore::system_clock());
      for (int n = 0; n < 10; ++n) static_cast<void>(accounts.add_project(user, "p"));
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(Accounts(two, audiostore::system_clock()).projects(user).size() == 80);
}
