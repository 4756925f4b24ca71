// Users who ask too often, and strangers who try tokens.
#include "http/admission.h"
#include "http/refusal.h"
#include "service/running.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using std::chrono::seconds;

namespace {

/// The answers to what `ask` does, as a status; 200 where nothing was refused.
template <class F>
int status_of(F&& ask) {
  try {
    ask();
    return 200;
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
}

struct Door {
  explicit Door(const AdmissionRates& rates) : admission(accounts, rates, clock) {
    token = audiostore::must(accounts.add_user("alice"));
  }
  int admit(const std::string& with, const std::string& from = "192.0.2.1") {
    return status_of([&] { admission.admit(request_from(from), with); });
  }
  int log_in(const std::string& with, const std::string& from = "192.0.2.1") {
    return status_of([&] { admission.log_in(request_from(from), with); });
  }
  static httplib::Request request_from(const std::string& address) {
    httplib::Request request;
    request.remote_addr = address;
    return request;
  }

  audiostore::TempFolder folder;
  std::shared_ptr<audiostore::ManualClock> clock = std::make_shared<audiostore::ManualClock>();
  Database database{folder.path() / "db"};
  Accounts accounts{database, clock};
  std::string token;
  Admission admission;
};

constexpr AdmissionRates few{.user = {.per_second = 1, .at_once = 3},
                             .failed_logins = {.per_second = 0.1, .at_once = 3}};

ServiceOptions with_rates(const AdmissionRates& rates) {
  ServiceOptions options;
  options.rates = rates;
  return options;
}

}  // namespace

TEST_CASE("a user who asks too often waits, and others do not", "[service]") {
  Door door(few);
  const std::string bobs = audiostore::must(door.accounts.add_user("bob"));
  for (int i = 0; i < 3; ++i) CHECK(door.admit(door.token, "192.0.2." + std::to_string(i)) == 200);
  CHECK(door.admit(door.token) == 429);
  CHECK(door.admit(door.token, "198.51.100.1") == 429);  // from anywhere
  CHECK(door.log_in(door.token) == 429);
  CHECK(door.admit(bobs) == 200);
  door.clock->advance(seconds(1));
  CHECK(door.admit(door.token) == 200);
  CHECK(door.admit(door.token) == 429);
}

TEST_CASE("who tries tokens waits, and nobody with a session does", "[service]") {
  Door door(few);
  for (int i = 0; i < 2; ++i) CHECK(door.log_in("wrong") == 401);
  CHECK(door.admit("wrong") == 401);  // another way to try
  CHECK(door.admit("wrong") == 429);
  CHECK(door.log_in("wrong") == 429);
  CHECK(door.log_in(door.token) == 429);  // or else the answer would tell
  CHECK(door.admit(door.token) == 200);
  CHECK(door.admit("") == 401);  // which is no try
  CHECK(door.log_in(door.token, "192.0.2.2") == 200);
  door.clock->advance(seconds(10));
  CHECK(door.log_in(door.token) == 200);
  CHECK(door.log_in("wrong") == 401);
  CHECK(door.log_in("wrong") == 429);
}

TEST_CASE("a client is told when to come back", "[service]") {
  const Running running(with_rates({.user = {.per_second = 0.01, .at_once = 2}, .failed_logins = {0.001, 1}}));
  Database database(running.folder.path() / "audio-service.db");
  Accounts accounts(database, audiostore::system_clock());
  const Client alice(running.service->url(), audiostore::must(accounts.add_user("alice")));
  for (int i = 0; i < 2; ++i) CHECK(alice.get("/api/session").status == 200);
  const Answer late = alice.upload("p", "r", "bytes");
  CHECK(late.status == 429);
  CHECK(late.code() == "rate_limited");
  CHECK(std::stoi(late.header("Retry-After")) > 90);
  CHECK(std::stoi(late.header("Retry-After")) <= 100);
  CHECK(running.health() == healthy);

  const auto try_token = [&] { return send("POST", running.service->url() + "/api/session", R"({"token":"x"})"); };
  CHECK(try_token().status == 401);
  CHECK(try_token().status == 429);
  CHECK(std::stoi(try_token().header("Retry-After")) > 900);
}

TEST_CASE("the flags set the rates, and 0 is none", "[service]") {
  const ServiceProcess strict({"--user-rate", "0.01", "--failed-logins", "1"});
  const Client alice(strict, strict.add_user("alice"));
  CHECK(alice.get("/api/session").status == 200);
  CHECK(alice.get("/api/session").status == 429);
  const Client stranger(strict, "wrong");
  CHECK(stranger.get("/api/session").status == 401);
  CHECK(stranger.get("/api/session").status == 429);

  const ServiceProcess open({"--user-rate", "0", "--failed-logins", "0"});
  const Client bob(open, open.add_user("bob"));
  const Client other(open, "wrong");
  for (int i = 0; i < 100; ++i) {
    REQUIRE(bob.get("/api/session").status == 200);
    REQUIRE(other.get("/api/session").status == 401);
  }
}

TEST_CASE("of its sessions a user keeps the newest, and the token", "[service]") {
  Door door(few);
  const std::string bobs = audiostore::must(door.accounts.add_user("bob"));
  const std::string bob_session = door.accounts.open_session(bobs, seconds(1'000'000)).value();
  std::vector<std::string> sessions;
  for (int i = 0; i < Accounts::most_sessions + 5; ++i) {
    if (i % 7 == 0) door.clock->advance(seconds(1));
    sessions.push_back(door.accounts.open_session(door.token, seconds(1'000'000)).value());
  }
  for (std::size_t i = 0; i < sessions.size(); ++i) CHECK(door.accounts.user_of(sessions[i]).has_value() == (i >= 5));
  CHECK(door.accounts.user_of(door.token));
  CHECK(door.accounts.user_of(bob_session));
}
