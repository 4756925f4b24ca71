#include "conformance/harness.h"

#define CATCH_CONFIG_EXTERNAL_INTERFACES  // for the listener; this file is therefore compiled without the shared PCH
#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>
#include <stdexcept>

namespace audiostore::conformance {
namespace {

std::map<std::string, MakeHarness>& known_harnesses() {
  static std::map<std::string, MakeHarness> known;
  return known;
}

std::unique_ptr<Harness>& current() {
  static std::unique_ptr<Harness> harness;
  return harness;
}

std::unique_ptr<Harness> make_chosen() {
  const char* chosen = std::getenv("AUDIOSTORE_CONFORMANCE_STORE");
  const auto found = known_harnesses().find(chosen != nullptr ? chosen : "");
  if (found == known_harnesses().end()) {
    std::string names;
    for (const auto& [name, make] : known_harnesses()) names += " " + name;
    throw std::runtime_error("set AUDIOSTORE_CONFORMANCE_STORE to one of:" + names);
  }
  auto made = found->second();
  if (!made) throw std::runtime_error(made.error().to_string());
  return *std::move(made);
}

struct ReleaseAtEnd : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats& stats) override {
    release_harness();
    TestEventListenerBase::testRunEnded(stats);
  }
};
CATCH_REGISTER_LISTENER(ReleaseAtEnd)

}  // namespace

Result<Reply> Harness::fetch(const SignedRequest&, std::string_view) {
  return Error(ErrorCode::unsupported, "this harness has no presigned requests");
}

Result<SignedRequest> Harness::presign_earlier(std::chrono::seconds, const PresignRequest&) {
  return Error(ErrorCode::unsupported, "this harness has no presigned requests");
}

Result<std::unique_ptr<S3Store>> Harness::s3_store(const std::function<void(S3Options&)>&) {
  return Error(ErrorCode::unsupported, "this harness is of no S3 store");
}

bool register_harness(std::string name, MakeHarness make) {
  return known_harnesses().emplace(std::move(name), std::move(make)).second;
}

Harness& harness() {
  if (!current()) current() = make_chosen();
  return *current();
}

void release_harness() { current().reset(); }

}  // namespace audiostore::conformance
