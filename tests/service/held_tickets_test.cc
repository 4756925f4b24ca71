// S17: whoever has a ticket can write to staging at any moment. On storage that copies on a condition, and on storage
// that does not, where the service holds what it inspects.
#include "data/sql.h"
#include "service/parts.h"

#include <catch2/catch.hpp>

#include <functional>
#include <memory>

using namespace audio_service;
using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::must;
using audiostore::ObjectKey;
using audiostore::Payload;
using audiostore::Result;
using audiostore::S3Provider;

namespace {

const std::string good = audiostore::make_wav(100);
const std::string also_good = audiostore::make_wav(100, 77);
const std::string evil = "<script>" + std::string(good.size() - 8, 'x');

struct Staged : Parts {
  explicit Staged(S3Provider provider) : Parts({}, {}, provider) {
    id = must(tickets.open(user, {project, "r", good.size(), "audio/wav"})).row.id;
    stage(good);
  }

  void stage(const std::string& bytes) {
    must(memory->put(must(ObjectKey::parse("staging/" + id)), Payload::from_string(bytes)));
  }
  std::string stored_bytes() {
    return must(audiostore::read_to_string(*memory, must(ObjectKey::parse(rows.find(user, "r")->key))));
  }
  [[nodiscard]] std::vector<std::string> held() const {
    std::vector<std::string> keys = objects();
    std::erase_if(keys, [](const std::string& key) { return !key.starts_with("held/"); });
    return keys;
  }
  /// What the storage is asked after that, and what the database is told, has no effect: the process is dead.
  void die() {
    store->before = store->after = [](const std::string&, const std::string&) -> Result<void> {
      return Error(ErrorCode::unavailable, "dead");
    };
    database.lease()->exec(
        "CREATE TRIGGER dead_i BEFORE INSERT ON recordings BEGIN SELECT RAISE(ABORT, 'dead'); END;"
        "CREATE TRIGGER dead_u BEFORE UPDATE ON recordings BEGIN SELECT RAISE(ABORT, 'dead'); END;"
        "CREATE TRIGGER dead_d BEFORE DELETE ON recordings BEGIN SELECT RAISE(ABORT, 'dead'); END");
  }
  void revive() {
    heal();
    database.lease()->exec(
        "DROP TRIGGER IF EXISTS dead_i; DROP TRIGGER IF EXISTS dead_u; DROP TRIGGER IF EXISTS dead_d");
  }
  void heal() { store->before = store->after = {}; }

  std::string id;
};

/// Counts what the store is asked, and does something the `wanted`th time, from 0 on.
struct Moment {
  int wanted;
  std::function<Result<void>()> act;
  int seen = 0;

  Result<void> operator()(const std::string&, const std::string&) { return seen++ == wanted ? act() : Result<void>(); }
};

/// Calls `attempt(moment)` for every moment of a completion; it returns whether that moment came.
void at_every_moment(const std::function<bool(int)>& attempt) {
  constexpr int most = 50;
  int moment = 0;
  while (moment < most && attempt(moment)) ++moment;
  CHECK(moment >= 4);
  CHECK(moment < most);
}

/// A completion whose process may end in the middle.
bool completes(Staged& parts) {
  try {
    return parts.tickets.complete(parts.user, parts.id).has_value();
  } catch (const SQLite::Exception&) {
    return false;
  }
}

}  // namespace

TEST_CASE("S17: what is put in place of the inspected bytes, at whatever moment, is not stored", "[service]") {
  const S3Provider provider = GENERATE(S3Provider::local, S3Provider::ceph);
  const bool completed_too = GENERATE(false, true);
  const std::string replacement = GENERATE(evil, also_good);
  int stored = 0;
  at_every_moment([&](int wanted) {
    Staged parts(provider);
    bool has_come = false;
    const auto replace = [&]() -> Result<void> {
      has_come = true;
      parts.stage(replacement);
      if (completed_too) static_cast<void>(parts.tickets.complete(parts.user, parts.id));
      return {};
    };
    parts.store->before = [moment = std::make_shared<Moment>(Moment{wanted, replace})](auto&&... call) {
      return (*moment)(call...);
    };
    const bool is_stored = completes(parts);
    CHECK(parts.state() == (is_stored ? "stored" : "none"));
    if (is_stored)
      CHECK((parts.stored_bytes() == good || (replacement != evil && parts.stored_bytes() == replacement)));
    stored += is_stored ? 1 : 0;
    CHECK(parts.held().empty());
    CHECK(must(parts.clean_up.compare()).empty());
    return has_come;
  });
  CHECK(stored > 0);
}

TEST_CASE("S17: storage that copies on no condition stores what was inspected, and holds it meanwhile", "[service]") {
  Staged parts(S3Provider::ceph);
  std::vector<std::string> copies;
  parts.store->before = [&](const std::string& operation, const std::string& key) -> Result<void> {
    if (operation == "get") CHECK(key.starts_with("held/" + parts.id + "/"));
    if (operation != "copy") return {};
    copies.push_back(key.substr(0, key.find('/')));
    if (copies.size() == 2) parts.stage(evil);
    return {};
  };
  must(parts.tickets.complete(parts.user, parts.id));
  CHECK(copies == std::vector<std::string>{"held", "users"});
  CHECK(parts.stored_bytes() == good);
  parts.consistent();
}

TEST_CASE("S17: what one completion holds is not changed by another one of the same ticket", "[service]") {
  Staged parts(S3Provider::ceph);
  bool second = false;
  parts.store->before = [&](const std::string& operation, const std::string& key) -> Result<void> {
    // The second one comes as far as its own copy of other bytes, and stands still there.
    if (second) return operation == "copy" ? Result<void>() : Error(ErrorCode::unavailable, "injected");
    if (operation != "copy" || key.starts_with("held/")) return {};
    parts.stage(evil);
    second = true;
    CHECK_FALSE(parts.tickets.complete(parts.user, parts.id));
    second = false;
    return {};
  };
  must(parts.tickets.complete(parts.user, parts.id));
  CHECK(parts.stored_bytes() == good);
  CHECK(parts.held().size() == 1);
  parts.clock->advance(std::chrono::hours(2));
  CHECK(parts.clean_up.sweep().tickets == 1);
  parts.consistent();
}

TEST_CASE("a completion of which any step fails is done by the next one, and leaves nothing", "[service]") {
  const S3Provider provider = GENERATE(S3Provider::local, S3Provider::ceph);
  const bool is_lost = GENERATE(false, true);  // it was done, and the answer is lost
  at_every_moment([&](int wanted) {
    Staged parts(provider);
    bool has_come = false;
    const auto fail = [&]() -> Result<void> {
      has_come = true;
      return Error(ErrorCode::unavailable, "injected");
    };
    auto& trip = is_lost ? parts.store->after : parts.store->before;
    trip = [moment = std::make_shared<Moment>(Moment{wanted, fail})](auto&&... call) { return (*moment)(call...); };
    completes(parts);
    CHECK(must(parts.clean_up.compare()).empty());
    parts.heal();
    must(parts.tickets.complete(parts.user, parts.id));
    CHECK(parts.stored_bytes() == good);
    parts.clock->advance(std::chrono::hours(2));
    CHECK(parts.clean_up.sweep().failures.empty());
    parts.consistent();
    return has_come;
  });
}

TEST_CASE("a completion that the database fails leaves nothing in held/", "[service]") {
  Staged parts(S3Provider::ceph);
  const std::string event = GENERATE("INSERT", "UPDATE");
  parts.database.lease()->exec("CREATE TRIGGER broken BEFORE " + event +
                               " ON recordings BEGIN SELECT RAISE(ABORT, 'injected'); END");
  CHECK_THROWS_AS(parts.tickets.complete(parts.user, parts.id), SQLite::Exception);
  CHECK(parts.held().empty());
  parts.database.lease()->exec("DROP TRIGGER broken");
  must(parts.tickets.complete(parts.user, parts.id));
  parts.consistent();
}

TEST_CASE("what a killed completion has left is known, and swept", "[service]") {
  const S3Provider provider = GENERATE(S3Provider::local, S3Provider::ceph);
  const bool behind = GENERATE(false, true);      // killed behind what it asked for
  const bool no_service = GENERATE(false, true);  // swept at once, as no service runs
  bool has_held = false;
  at_every_moment([&](int wanted) {
    Staged parts(provider);
    bool has_come = false;
    const auto die = [&]() -> Result<void> {
      has_come = true;
      parts.die();
      return Error(ErrorCode::unavailable, "dead");
    };
    auto& trip = behind ? parts.store->after : parts.store->before;
    trip = [moment = std::make_shared<Moment>(Moment{wanted, die})](auto&&... call) { return (*moment)(call...); };
    completes(parts);
    parts.revive();
    has_held = has_held || !parts.held().empty();
    CHECK(must(parts.clean_up.compare()).empty());
    if (no_service) {
      CHECK(parts.clean_up.sweep(true).failures.empty());
      CHECK(parts.held().empty());
    }
    parts.clock->advance(std::chrono::hours(2));
    CHECK(parts.clean_up.sweep().tickets == 1);
    parts.consistent();
    return has_come;
  });
  CHECK(has_held == (provider == S3Provider::ceph));
}

TEST_CASE("an abort and the end of a ticket take what is held with them", "[service]") {
  Staged parts(S3Provider::ceph);
  const ObjectKey held = must(ObjectKey::parse("held/" + parts.id + "/1"));
  must(parts.memory->put(held, Payload::from_string(good)));
  SECTION("abort") { must(parts.tickets.abort(parts.user, parts.id)); }
  SECTION("end") {
    parts.clock->advance(std::chrono::hours(2));
    CHECK(parts.clean_up.sweep().tickets == 1);
  }
  CHECK(parts.objects().empty());
}
