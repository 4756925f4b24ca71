// S18: a policy that does not come to an answer.
#include "data/sql.h"
#include "service/parts.h"
#include "service/running.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

using namespace audio_service;
using audiostore::code_of;
using audiostore::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds patience{200};
constexpr std::chrono::seconds soon{8};  // on a machine that has other things to do

/// For as long as it lives, who owns what is a question that takes for ever.
class SlowQuestion {
 public:
  explicit SlowQuestion(Database& database) : database_(database) {
    const auto db = database_.lease();
    db->exec("ALTER TABLE projects RENAME TO real_projects");
    db->exec(
        "CREATE VIEW projects AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT p.* FROM real_projects p, n WHERE n.i < 0");
  }
  SlowQuestion(const SlowQuestion&) = delete;
  SlowQuestion& operator=(const SlowQuestion&) = delete;
  ~SlowQuestion() {
    const auto db = database_.lease();
    db->exec("DROP VIEW projects");
    db->exec("ALTER TABLE real_projects RENAME TO projects");
  }

 private:
  Database& database_;
};

}  // namespace

TEST_CASE("S18: a policy that thinks for too long has failed, and nothing is stored", "[service]") {
  Database* database = nullptr;
  bool is_slow = true;
  Parts parts([&](const audiostore::AccessRequest& request) {
    const auto slow = is_slow ? std::make_unique<SlowQuestion>(*database) : nullptr;
    return database_policy(*database, patience)(request);
  });
  database = &parts.database;
  const auto begun = steady_clock::now();
  CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::unavailable);
  CHECK(code_of(parts.tickets.open(parts.user, {parts.project, "t", 100, "audio/wav"})) == ErrorCode::unavailable);
  CHECK(steady_clock::now() - begun >= 2 * patience);
  CHECK(steady_clock::now() - begun < soon);
  CHECK(parts.state() == "none");
  CHECK(parts.objects().empty());
  is_slow = false;
  CHECK(parts.recordings.upload(parts.user, parts.take()));
  parts.consistent();
}

TEST_CASE("S18: a limit is one for waiting, too", "[service]") {
  const audiostore::TempFolder folder;
  Database database(folder.path() / "db");
  Database other(folder.path() / "db");
  const auto holder = other.lease();
  holder->exec("BEGIN IMMEDIATE");
  Database::Lease limited = database.lease();
  limited.limit(patience);
  const auto begun = steady_clock::now();
  CHECK_THROWS_AS(limited->exec("DELETE FROM projects"), SQLite::Exception);
  CHECK(steady_clock::now() - begun < soon);
  holder->exec("ROLLBACK");
}

TEST_CASE("S18: a limit ends with its lease", "[service]") {
  const audiostore::TempFolder folder;
  Database database(folder.path() / "db");
  const char* long_count =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n";
  {
    Database::Lease limited = database.lease();
    limited.limit(milliseconds(0));
    CHECK_THROWS_AS(sql::number(*limited, long_count), SQLite::Exception);
  }
  const auto again = database.lease();
  CHECK(sql::number(*again, long_count) == 100'000);
  CHECK(sql::number(*again, "PRAGMA busy_timeout") == 10'000);
}

TEST_CASE("S18: who may not be known within the limit is told 503, and the connection is free again", "[service]") {
  ServiceOptions options;
  options.policy_patience = patience;
  const Running running(options);
  const auto file = running.folder.path() / "audio-service.db";
  Database database(file);
  Accounts accounts(database, audiostore::system_clock());
  const Client alice(running.service->url(), audiostore::must(accounts.add_user("alice")));
  const std::string project = alice.make_project();
  const std::string take = audiostore::make_wav(100);
  auto slow = std::make_unique<SlowQuestion>(database);
  const auto begun = steady_clock::now();
  for (const Answer& refused : {alice.upload(project, "r", take), alice.open_ticket(project, "t", 100),
                                alice.get(fmt::format("/api/projects/{}/recordings", project))}) {
    CHECK(refused.status == 503);
    CHECK(refused.code() == "unavailable");
    CHECK(refused.header("Retry-After") == "1");
  }
  CHECK(steady_clock::now() - begun < soon);
  CHECK(running.health() == healthy);
  CHECK(sql::number(*database.lease(), "SELECT count(*) FROM recordings") == 0);
  CHECK(sql::number(*database.lease(), "SELECT count(*) FROM tickets") == 0);
  slow.reset();
  CHECK(alice.upload(project, "r", take).status == 200);
}
