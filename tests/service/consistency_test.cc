// Object and row stay together, whatever fails in between.
#include "data/sql.h"
#include "service/parts.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using audiostore::code_of;
using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::must;
using audiostore::Result;

namespace {

/// A trip for the operations of that name.
TrippingStore::Trip fails(std::string operation, ErrorCode code = ErrorCode::unavailable) {
  return [operation, code](const std::string& called, const std::string&) -> Result<void> {
    if (called == operation) return Error(code, "injected");
    return {};
  };
}

void heal(Parts& parts) {
  parts.store->before = {};
  parts.store->after = {};
}

/// Makes every write of that table fail, as a full disk would.
void break_writes(Parts& parts, const char* when) {
  parts.database.lease()->exec(std::string("CREATE TRIGGER broken BEFORE ") + when +
                               " ON recordings BEGIN SELECT RAISE(ABORT, 'injected'); END");
}

void mend_writes(Parts& parts) { parts.database.lease()->exec("DROP TRIGGER broken"); }

}  // namespace

TEST_CASE("an upload that fails leaves neither object nor row", "[service]") {
  Parts parts;
  SECTION("the object is not written") {
    parts.store->before = fails("put");
    CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::unavailable);
  }
  SECTION("the row cannot be made") {
    break_writes(parts, "INSERT");
    CHECK_THROWS_AS(parts.recordings.upload(parts.user, parts.take()), SQLite::Exception);
    mend_writes(parts);
  }
  CHECK(parts.state() == "none");
  parts.consistent();
  heal(parts);
  must(parts.recordings.upload(parts.user, parts.take()));
  CHECK(parts.state() == "stored");
  parts.consistent();
}

TEST_CASE("an upload whose end is not known is finished by a repetition, or by the sweep", "[service]") {
  Parts parts;
  const bool repeated = GENERATE(true, false);
  SECTION("the answer to the put is lost") {
    parts.store->after = fails("put", ErrorCode::timed_out);
    CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::timed_out);
  }
  SECTION("the row cannot be changed behind the put") {
    break_writes(parts, "UPDATE");
    CHECK_THROWS_AS(parts.recordings.upload(parts.user, parts.take()), SQLite::Exception);
    mend_writes(parts);
  }
  SECTION("nothing answers any more behind the put") {
    parts.store->after = [&](const std::string&, const std::string&) -> Result<void> {
      parts.store->before = fails("head");
      return Error(ErrorCode::unavailable, "injected");
    };
    CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::unavailable);
  }
  CHECK(parts.state() == "pending");
  CHECK(parts.objects().size() == 1);
  CHECK(parts.rows.list(parts.user, parts.project).empty());  // what is pending is not shown
  CHECK(must(parts.clean_up.compare()).empty());              // and is no orphan
  heal(parts);
  if (repeated) {
    must(parts.recordings.upload(parts.user, parts.take()));
  } else {
    parts.clock->advance(2 * lease_time);
    CHECK(parts.clean_up.sweep().finished == 1);
  }
  CHECK(parts.state() == "stored");
  parts.consistent();
}

TEST_CASE("an upload that was killed is finished or taken back by the sweep", "[service]") {
  Parts parts;
  // From then on nothing that the process does has an effect.
  const TrippingStore::Trip die = [&](const std::string& operation, const std::string&) -> Result<void> {
    if (operation != "put") return {};
    break_writes(parts, "UPDATE");
    parts.store->before = [](const std::string&, const std::string&) -> Result<void> {
      return Error(ErrorCode::unavailable, "dead");
    };
    return Error(ErrorCode::unavailable, "dead");
  };
  bool is_stored = false;
  SECTION("ahead of the object") { parts.store->before = die; }
  SECTION("behind the object") {
    parts.store->after = die;
    is_stored = true;
  }
  CHECK_THROWS_AS(parts.recordings.upload(parts.user, parts.take()), SQLite::Exception);
  mend_writes(parts);
  heal(parts);
  CHECK(parts.state() == "pending");
  CHECK(parts.objects().size() == (is_stored ? 1U : 0U));
  CHECK(parts.clean_up.sweep().finished == 0);  // while the lease runs, somebody may be at it
  CHECK(parts.state() == "pending");
  parts.clock->advance(2 * lease_time);
  CHECK(parts.clean_up.sweep().finished == 1);
  CHECK(parts.state() == (is_stored ? "stored" : "none"));
  parts.consistent();
}

TEST_CASE("a removal that fails is finished by a repetition, or by the sweep", "[service]") {
  Parts parts;
  must(parts.recordings.upload(parts.user, parts.take()));
  const bool repeated = GENERATE(true, false);
  SECTION("the object is not removed") {
    parts.store->before = fails("remove");
    CHECK(code_of(parts.recordings.remove(parts.user, {.recording = "r"})) == ErrorCode::unavailable);
  }
  SECTION("the answer is lost") {
    parts.store->after = fails("remove");
    CHECK(code_of(parts.recordings.remove(parts.user, {.recording = "r"})) == ErrorCode::unavailable);
  }
  SECTION("the row is not removed") {
    break_writes(parts, "DELETE");
    CHECK_THROWS_AS(parts.recordings.remove(parts.user, {.recording = "r"}), SQLite::Exception);
    mend_writes(parts);
    parts.clock->advance(2 * lease_time);
  }
  CHECK(parts.state() == "deleting");
  CHECK(code_of(parts.recordings.link(parts.user, {.recording = "r"})) == ErrorCode::not_found);
  CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::conflict);
  heal(parts);
  if (repeated) {
    must(parts.recordings.remove(parts.user, {.recording = "r"}));
  } else {
    parts.clock->advance(2 * lease_time);
    CHECK(parts.clean_up.sweep().finished == 1);
  }
  CHECK(parts.state() == "none");
  parts.consistent();
}

TEST_CASE("a removal under way is nobody else's", "[service]") {
  Parts parts;
  must(parts.recordings.upload(parts.user, parts.take()));
  Result<void> second = {};
  parts.store->before = [&](const std::string& operation, const std::string&) -> Result<void> {
    if (operation == "remove" && second) second = parts.recordings.remove(parts.user, {.recording = "r"});
    return {};
  };
  must(parts.recordings.remove(parts.user, {.recording = "r"}));
  CHECK(code_of(second) == ErrorCode::conflict);
  parts.consistent();
}

TEST_CASE("an object of other bytes in the way is not taken for the recording", "[service]") {
  Parts parts;
  const auto key =
      audiostore::ObjectKey::parse("users/" + parts.user + "/projects/" + parts.project + "/recordings/r.wav");
  must(parts.memory->put(must(key), parts.take(99).bytes));
  CHECK(code_of(parts.recordings.upload(parts.user, parts.take(50))) == ErrorCode::conflict);
  CHECK(parts.rows.list(parts.user, parts.project).empty());
  parts.clock->advance(2 * lease_time);
  parts.clean_up.sweep();
  CHECK(must(parts.clean_up.compare()).objects_without_row == std::vector<std::string>{must(key).str()});
  must(parts.recordings.upload(parts.user, parts.take(99)));  // these are its bytes
  parts.consistent();
}

TEST_CASE("a storage that cannot create only is looked at first", "[service]") {
  Parts parts;
  int puts = 0;
  parts.store->before = [&](const std::string& operation, const std::string&) -> Result<void> {
    const bool is_first = operation == "put" && ++puts == 1;
    return is_first ? Result<void>(Error(ErrorCode::unsupported, "injected")) : Result<void>();
  };
  const auto key =
      must(audiostore::ObjectKey::parse("users/" + parts.user + "/projects/" + parts.project + "/recordings/r.wav"));
  SECTION("nothing is there") {
    must(parts.recordings.upload(parts.user, parts.take()));
    CHECK(puts == 2);
    parts.consistent();
  }
  SECTION("other bytes are there, and stay") {
    const std::string other = audiostore::make_wav(7);
    must(parts.memory->put(key, audiostore::Payload::from_string(other)));
    CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::conflict);
    CHECK(puts == 1);
    CHECK(must(audiostore::read_to_string(*parts.memory, key)) == other);
  }
}

TEST_CASE("who fails beside another upload of the same bytes does not take the row with it", "[service]") {
  Parts parts;
  bool is_second = false;
  parts.store->before = [&](const std::string& operation, const std::string&) -> Result<void> {
    if (operation != "put") return {};
    if (std::exchange(is_second, true)) return Error(ErrorCode::unavailable, "injected");
    CHECK_FALSE(parts.recordings.upload(parts.user, parts.take()));  // takes over, fails, and goes
    return {};
  };
  must(parts.recordings.upload(parts.user, parts.take()));
  CHECK(parts.state() == "stored");
  parts.consistent();
}

TEST_CASE("what does not fit together is listed, and not touched", "[service]") {
  Parts parts;
  must(parts.recordings.upload(parts.user, parts.take()));
  const std::string key = parts.objects().front();
  must(parts.memory->put(must(audiostore::ObjectKey::parse("users/x/odd")), parts.take().bytes));
  must(parts.memory->put(must(audiostore::ObjectKey::parse("staging/nobodys")), parts.take().bytes));
  must(parts.memory->put(must(audiostore::ObjectKey::parse("held/nobodys/1")), parts.take().bytes));
  must(parts.memory->put(must(audiostore::ObjectKey::parse("elsewhere/ours-not")), parts.take().bytes));
  CHECK(must(parts.clean_up.compare()).objects_without_row ==
        std::vector<std::string>{"held/nobodys/1", "staging/nobodys", "users/x/odd"});
  must(parts.memory->remove(must(audiostore::ObjectKey::parse(key))));
  CHECK(must(parts.clean_up.compare()).rows_without_object == std::vector<std::string>{key});
  CHECK(parts.state() == "stored");
  CHECK(parts.objects().size() == 4);
}
