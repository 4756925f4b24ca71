#include <audiostore/access_policy.h>

#include "recordings/audio_store_fixture.h"

#include <catch2/catch.hpp>

#include <exception>
#include <functional>
#include <new>
#include <stdexcept>

namespace audiostore {
namespace {

struct PolicyFixture : AudioStoreFixture {
  const AudioKey take = key("users/ann/projects/p/recordings/r.wav");

  /// Every operation that asks, as "ann" on her own recording.
  struct Operation {
    const char* name;
    std::function<std::optional<Error>(AudioStore&)> run;
  };
  template <class T>
  static std::optional<Error> error_of(const Result<T>& result) {
    return result ? std::nullopt : std::optional(result.error());
  }
  const std::vector<Operation> operations = {
      {"upload", [](AudioStore& a) { return error_of(a.upload("ann", id("ann"), wav())); }},
      {"signed_url", [this](AudioStore& a) { return error_of(a.signed_url("ann", take)); }},
      {"read", [this](AudioStore& a) { return error_of(a.read("ann", take, drop)); }},
      {"remove", [this](AudioStore& a) { return error_of(a.remove("ann", take)); }},
      {"remove_recording", [](AudioStore& a) { return error_of(a.remove_recording("ann", id("ann"))); }},
      {"list_project", [](AudioStore& a) { return error_of(a.list_project("ann", "ann", "p")); }},
      {"list_user", [](AudioStore& a) { return error_of(a.list_user("ann", "ann")); }},
  };
};

AccessRequest request(std::string_view principal, std::string_view user) {
  return {principal, AccessOperation::read, user, "p", "r"};
}

TEST_CASE("owner_only allows owners and nobody else", "[access_policy]") {
  const AccessPolicy policy = owner_only();
  CHECK(policy(request("1", "1")) == Decision::allow);
  CHECK(policy(request("1", "12")) == Decision::deny);
  CHECK(policy(request("12", "1")) == Decision::deny);
  CHECK(policy(request("ann", "Ann")) == Decision::deny);
  CHECK(policy(request("", "")) == Decision::deny);
}

TEST_CASE("operations have names", "[access_policy]") {
  CHECK(to_string(AccessOperation::upload) == "upload");
  CHECK(to_string(AccessOperation::read) == "read");
  CHECK(to_string(AccessOperation::remove) == "remove");
  CHECK(to_string(AccessOperation::list) == "list");
}

TEST_CASE_METHOD(PolicyFixture, "the policy is asked exactly once, before any call on the store", "[access_policy]") {
  for (const Operation& operation : operations) {
    CAPTURE(operation.name);
    plant(take.str());
    store->calls.clear();
    int asked = 0;
    AudioStore audio = open([&](const AccessRequest&) {
      ++asked;
      CHECK(store->calls.empty());
      return Decision::allow;
    });
    CHECK_FALSE(operation.run(audio));
    CHECK(asked == 1);
    CHECK_FALSE(store->calls.empty());
  }
}

TEST_CASE_METHOD(PolicyFixture, "a denial leaves the store alone and says what was denied", "[access_policy]") {
  for (const Operation& operation : operations) {
    CAPTURE(operation.name);
    AudioStore audio = open([](const AccessRequest&) { return Decision::deny; });
    const auto error = operation.run(audio);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::permission_denied);
    CHECK_FALSE(error->operation().empty());
    CHECK(error->key().starts_with("users/ann/projects/"));
    CHECK_FALSE(error->retryable());
  }
  CHECK(store->calls.empty());
}

struct CustomThing {};

TEST_CASE_METHOD(PolicyFixture, "whatever is not a clear yes denies", "[access_policy]") {
  const std::vector<std::pair<const char*, AccessPolicy>> policies = {
      {"an empty function", AccessPolicy()},
      {"an exception", [](const AccessRequest&) -> Decision { throw std::runtime_error("db password is hunter2"); }},
      {"a number", [](const AccessRequest&) -> Decision { throw 42; }},
      {"a thing of one's own", [](const AccessRequest&) -> Decision { throw CustomThing(); }},
      {"no memory", [](const AccessRequest&) -> Decision { throw std::bad_alloc(); }},
      {"a nested exception",
       [](const AccessRequest&) -> Decision {
         try {
           throw std::logic_error("inner");
         } catch (...) {
           std::throw_with_nested(std::runtime_error("outer"));
         }
       }},
      {"an empty function inside", [](const AccessRequest& r) { return AccessPolicy()(r); }},
      {"a value outside of the enum", [](const AccessRequest&) { return static_cast<Decision>(2); }},
      {"a negative value", [](const AccessRequest&) { return static_cast<Decision>(-1); }},
  };
  for (const auto& [name, policy] : policies) {
    for (const Operation& operation : operations) {
      CAPTURE(name, operation.name);
      AudioStore audio = open(policy);
      const auto error = operation.run(audio);
      REQUIRE(error);
      CHECK(error->code() == ErrorCode::permission_denied);
      CHECK(error->to_string().find("hunter2") == std::string::npos);
    }
  }
  CHECK(store->calls.empty());
}

TEST_CASE_METHOD(PolicyFixture, "a policy may use the store that asks it", "[access_policy]") {
  AudioStore* self = nullptr;
  int asked = 0;
  AudioStore audio = open([&](const AccessRequest& r) {
    if (++asked > 1) return Decision::allow;
    return self->list_user(r.principal, r.user) ? Decision::allow : Decision::deny;
  });
  self = &audio;
  CHECK(audio.upload("ann", id("ann"), wav()));
  CHECK(asked == 2);
}

TEST_CASE_METHOD(PolicyFixture, "the policy is told who wants to do what with which take", "[access_policy]") {
  std::vector<std::string> seen;
  AudioStore audio = open([&](const AccessRequest& r) {
    seen.push_back(std::string(r.principal) + " " + std::string(to_string(r.operation)) + " " + std::string(r.user) +
                   "/" + std::string(r.project) + "/" + std::string(r.recording) + " " +
                   std::string(r.format ? extension(*r.format) : "-") + " " + std::to_string(r.size));
    return Decision::allow;
  });
  for (const Operation& operation : operations) operation.run(audio);
  CHECK(seen == std::vector<std::string>{"ann upload ann/p/r wav 244", "ann read ann/p/r wav 0",
                                         "ann read ann/p/r wav 0", "ann remove ann/p/r wav 0", "ann remove ann/p/r - 0",
                                         "ann list ann/p/ - 0", "ann list ann// - 0"});
}

TEST_CASE_METHOD(PolicyFixture, "a hidden denial looks to the letter like a take that is not there",
                 "[access_policy]") {
  // Somebody else asks for a take that exists, for one that does not; the owner asks for one that does not.
  const AudioKey missing = key("users/ann/projects/p/recordings/r.mp3");
  AudioStore audio = open(owner_only(), {.denial = DenialMode::not_found});
  plant(take.str());
  const Error denied = audio.read("eve", take, drop).error();
  const Error denied_missing = audio.read("eve", missing, drop).error();
  store->objects.clear();
  const Error not_there = audio.read("ann", take, drop).error();

  CHECK(denied.code() == ErrorCode::not_found);
  CHECK(denied.to_string() == not_there.to_string());
  CHECK(denied.message() == denied_missing.message());
  CHECK(denied.operation() == not_there.operation());
  CHECK(denied.key() == not_there.key());
  CHECK(denied.http_status() == not_there.http_status());
  CHECK(denied.service_code() == not_there.service_code());
  CHECK(denied.request_id() == not_there.request_id());
  CHECK(denied.attempts() == not_there.attempts());
  CHECK(denied.retryable() == not_there.retryable());
}

TEST_CASE_METHOD(PolicyFixture, "a hidden denial is not_found for every operation, whatever exists",
                 "[access_policy]") {
  AudioStore audio = open([](const AccessRequest&) { return Decision::deny; }, {.denial = DenialMode::not_found});
  for (const Operation& operation : operations) {
    CAPTURE(operation.name);
    store->objects.clear();
    const auto without = operation.run(audio);
    plant(take.str());
    const auto with = operation.run(audio);
    REQUIRE(with);
    CHECK(with->code() == ErrorCode::not_found);
    CHECK(with->to_string() == without->to_string());
  }
  CHECK(store->calls.empty());
}

TEST_CASE_METHOD(PolicyFixture, "without hiding, a missing take says all that the store says of it",
                 "[access_policy]") {
  AudioStore audio = open();
  const Error error = audio.read("ann", take, drop).error();
  CHECK(error.code() == ErrorCode::not_found);
  CHECK(error.http_status() == 404);
  CHECK(error.request_id() == "R404");
  CHECK(error.key() == take.str());
}

TEST_CASE_METHOD(PolicyFixture, "a denied upload does not tell whether there is an object", "[access_policy]") {
  AudioStore audio = open();
  const UploadOptions create{.mode = PutMode::create};
  const Error without = audio.upload("eve", id("ann"), wav(), create).error();
  plant(take.str());
  CHECK(audio.upload("eve", id("ann"), wav(), create).error().to_string() == without.to_string());
  CHECK(audio.upload("ann", id("ann"), wav(), create).error().code() == ErrorCode::already_exists);
}

}  // namespace
}  // namespace audiostore
