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

const std::vector<audiostore::AccessPolicy> failing = {
    [](const AccessRequest&) -> Decision { throw std::runtime_error("the database is down"); },
    [](const AccessRequest&) -> Decision { throw 42; },
    [](const AccessRequest&) -> Decision { throw SQLite::Exception("database is locked", 5); },
    [](const AccessRequest&) { return static_cast<Decision>(7); },
    [](const AccessRequest&) { return Decision::deny; },
};

}  // namespace

TEST_CASE("S18: a policy that throws or answers nonsense denies, with no effect", "[service]") {
  for (const auto& broken : failing) {
    bool is_broken = true;
    Database* database = nullptr;
    Parts parts([&](const AccessRequest& request) {
      return is_broken ? broken(request) : database_policy(*database)(request);
    });
    database = &parts.database;
    CHECK(code_of(parts.recordings.upload(parts.user, parts.take())) == ErrorCode::not_found);
    CHECK(code_of(parts.tickets.open(parts.user, {parts.project, "t", 100, "audio/wav"})) == ErrorCode::not_found);
    parts.consistent();
    CHECK(parts.state() == "none");

    is_broken = false;
    must(parts.recordings.upload(parts.user, parts.take()));
    is_broken = true;
    CHECK(code_of(parts.recordings.link(parts.user, {.recording = "r"})) == ErrorCode::not_found);
    CHECK(code_of(parts.recordings.remove(parts.user, {.recording = "r"})) == ErrorCode::not_found);
    CHECK(parts.objects().size() == 1);
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
