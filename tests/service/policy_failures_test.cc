// S18: a policy that fails denies.
#include "service/parts.h"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace audio_service;
using audiostore::AccessRequest;
using audiostore::code_of;
using audiostore::Decision;
using audiostore::ErrorCode;
using audiostore::must;

namespace {

struct Failing {
  audiostore::AccessPolicy policy;
  ErrorCode code;  ///< of what was asked of it
};

const std::vector<Failing> failing = {
    {[](const AccessRequest&) -> Decision { throw std::runtime_error("the database is down"); },
     ErrorCode::unavailable},
    {[](const AccessRequest&) -> Decision { throw 42; }, ErrorCode::unavailable},
    {[](const AccessRequest&) -> Decision { throw SQLite::Exception("database is locked", 5); },
     ErrorCode::unavailable},
    {[](const AccessRequest&) { return static_cast<Decision>(7); }, ErrorCode::not_found},
    {[](const AccessRequest&) { return Decision::deny; }, ErrorCode::not_found},
};

}  // namespace

TEST_CASE("S18: a policy that throws or answers nonsense denies, with no effect", "[service]") {
  for (const Failing& broken : failing) {
    bool is_broken = true;
    Database* database = nullptr;
    Parts parts([&](const AccessRequest& request) {
      return is_broken ? broken.policy(request) : database_policy(*database)(request);
    });
    database = &parts.database;
    CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == broken.code);
    CHECK(code_of(parts.tickets.open(parts.user, {parts.project, "t", 100, "audio/wav"})) == broken.code);
    parts.consistent();
    CHECK(parts.state() == "none");

    is_broken = false;
    must(parts.recordings.upload(parts.user, parts.take()));
    is_broken = true;
    CHECK(code_of(parts.recordings.link(parts.user, {.recording = "r"})) == broken.code);
    CHECK(code_of(parts.recordings.remove(parts.user, {.recording = "r"})) == broken.code);
    CHECK(parts.objects().size() == 1);
    // A failure is told of the operation that met it, and of no other.
    CHECK(code_of(parts.recordings.link(parts.user, {.recording = "none"})) == ErrorCode::not_found);
  }
}

TEST_CASE("S18: a policy may use the service itself", "[service]") {
  Parts* self = nullptr;
  Parts parts([&](const AccessRequest& request) {
    static_cast<void>(self->rows.find(request.principal, request.recording));
    static_cast<void>(self->accounts.projects(request.principal));
    return Decision::allow;
  });
  self = &parts;
  must(parts.recordings.upload(parts.user, parts.take()));
  must(parts.recordings.link(parts.user, {.recording = "r"}));
  must(parts.recordings.remove(parts.user, {.recording = "r"}));
}

TEST_CASE("S18: the policy is asked once an operation, by the database's word of now", "[service]") {
  int asked = 0;
  Database* database = nullptr;
  Parts parts([&](const AccessRequest& request) {
    ++asked;
    return database_policy(*database)(request);
  });
  database = &parts.database;
  must(parts.recordings.upload(parts.user, parts.take()));
  CHECK(std::exchange(asked, 0) == 1);
  must(parts.recordings.link(parts.user, {.recording = "r"}));
  CHECK(std::exchange(asked, 0) == 1);
  parts.database.lease()->exec("UPDATE recordings SET state = 'deleting'");
  CHECK(code_of(parts.recordings.link(parts.user, {.recording = "r"})) == ErrorCode::not_found);
}
