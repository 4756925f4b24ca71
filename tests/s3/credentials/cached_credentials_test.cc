#include "s3/credentials/cached_credentials.h"

#include "s3/credentials/scripted_source.h"
#include "support/manual_clock.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

/// A cache over a scripted source, with a clock that stands.
struct Cache {
  explicit Cache(ScriptedSource::Script script)
      : credentials(std::make_unique<ScriptedSource>(std::move(script), looks), clock) {}

  explicit Cache(ScriptedSource::ScriptOfCall script)
      : credentials(std::make_unique<ScriptedSource>(std::move(script), looks), clock) {}

  std::string id() { return must(credentials.get())->access_key_id; }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<std::atomic<int>> looks = std::make_shared<std::atomic<int>>(0);
  CachedCredentials credentials;
};

const auto broken = [](int) -> Lookup { return Error(ErrorCode::unavailable, "out of order"); };

/// Credentials named after the look, each good for an hour from `clock`'s now.
struct HourByHour {
  std::shared_ptr<const Clock>* clock;
  Lookup operator()(int look) const { return named_credentials("look" + std::to_string(look), (*clock)->now() + 1h); }
};

}  // namespace

TEST_CASE("nothing is looked up before the first use, and lasting credentials once only") {
  Cache cache([](int look) -> Lookup { return named_credentials("look" + std::to_string(look)); });
  CHECK(*cache.looks == 0);
  CHECK(cache.id() == "look1");
  cache.clock->advance(24h * 365);
  CHECK(cache.id() == "look1");
  CHECK(*cache.looks == 1);
}

TEST_CASE("credentials are renewed five minutes ahead of their end, or at half of a short life") {
  std::shared_ptr<const Clock> clock;
  Cache cache(HourByHour{&clock});
  clock = cache.clock;
  CHECK(cache.id() == "look1");
  cache.clock->advance(55min - 1s);
  CHECK(cache.id() == "look1");
  cache.clock->advance(1s);
  CHECK(cache.id() == "look2");

  Cache brief(
      [&](int look) -> Lookup { return named_credentials("look" + std::to_string(look), brief.clock->now() + 4min); });
  CHECK(brief.id() == "look1");
  brief.clock->advance(2min - 1s);
  CHECK(brief.id() == "look1");
  brief.clock->advance(1s);
  CHECK(brief.id() == "look2");
}

TEST_CASE("a source that keeps giving the same credentials is not asked at every use") {
  const TimePoint end = ManualClock().now() + 4s;
  Cache cache([end](int) -> Lookup { return named_credentials("same", end); });
  cache.clock->advance(3500ms);  // half of what is left is less than the pause
  for (int i = 0; i < 10; ++i) {
    CHECK(cache.id() == "same");
    cache.clock->advance(49ms);
  }
  CHECK(*cache.looks == 1);
}

TEST_CASE("while one thread renews, the others go on with what is still good") {
  std::promise<void> entered;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  Cache cache([&](int look) -> Lookup {
    if (look == 2) {
      entered.set_value();
      opened.wait();
    }
    return named_credentials("look" + std::to_string(look), cache.clock->now() + 1h);
  });
  CHECK(cache.id() == "look1");
  cache.clock->advance(56min);
  auto renewing = std::async(std::launch::async, [&] { return cache.id(); });
  entered.get_future().wait();
  for (int i = 0; i < 3; ++i) CHECK(cache.id() == "look1");
  gate.set_value();
  CHECK(renewing.get() == "look2");
  CHECK(cache.id() == "look2");
  CHECK(*cache.looks == 2);
}

TEST_CASE("threads that find nothing good wait for the one that looks") {
  constexpr int threads = 8;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  std::latch started(threads);
  Cache cache([&](int look) -> Lookup {
    opened.wait();
    if (look == 1) return Error(ErrorCode::unavailable, "out of order");
    return named_credentials("look" + std::to_string(look), cache.clock->now() + 1h);
  });
  const auto ask_from_all = [&] {
    std::vector<std::future<Result<std::shared_ptr<const Credentials>>>> asked;
    for (int i = 0; i < threads; ++i) {
      asked.push_back(std::async(std::launch::async, [&] {
        started.count_down();
        return cache.credentials.get();
      }));
    }
    started.wait();
    gate.set_value();
    std::vector<Result<std::shared_ptr<const Credentials>>> answers;
    for (auto& answer : asked) answers.push_back(answer.get());
    return answers;
  };
  SECTION("and share its failure") {
    for (const auto& answer : ask_from_all()) CHECK(code_of(answer) == ErrorCode::unavailable);
    CHECK(*cache.looks == 1);
  }
  SECTION("and share its success") {
    *cache.looks = 1;
    for (const auto& answer : ask_from_all()) CHECK(must(answer)->access_key_id == "look2");
    CHECK(*cache.looks == 2);
  }
}

TEST_CASE("a renewal that fails leaves what is still good, and is repeated after growing pauses") {
  Cache cache([&](int look) -> Lookup {
    if (look > 1) return broken(look);
    return named_credentials("look1", cache.clock->now() + 10min);
  });
  CHECK(cache.id() == "look1");
  cache.clock->advance(5min);
  int looks = 1;
  for (const auto pause : {1s, 2s, 4s, 8s}) {
    CHECK(cache.id() == "look1");
    CHECK(*cache.looks == ++looks);
    cache.clock->advance(pause - 1ms);
    CHECK(cache.id() == "look1");
    CHECK(*cache.looks == looks);
    cache.clock->advance(1ms);
  }
  cache.clock->advance(5min);  // they have ended
  CHECK(code_of(cache.credentials.get()) == ErrorCode::unavailable);
}

TEST_CASE("without anything good, the last error is repeated until the pause is over, at most a minute") {
  Cache cache(broken);
  for (int look = 1; look <= 10; ++look) {
    for (int i = 0; i < 3; ++i) CHECK(code_of(cache.credentials.get()) == ErrorCode::unavailable);
    CHECK(*cache.looks == look);
    cache.clock->advance(60s);
  }
  cache.clock->advance(-24h);  // set back
  CHECK(code_of(cache.credentials.get()) == ErrorCode::unavailable);
  CHECK(*cache.looks == 11);
}

TEST_CASE("a source that recovers is used, and its next failure begins with a short pause") {
  Cache cache([&](int look) -> Lookup {
    if (look != 4) return broken(look);
    return named_credentials("look4", cache.clock->now() + 10s);
  });
  for (int i = 0; i < 3; ++i) {
    CHECK(code_of(cache.credentials.get()) == ErrorCode::unavailable);
    cache.clock->advance(60s);
  }
  CHECK(cache.id() == "look4");
  cache.clock->advance(5s);
  CHECK(cache.id() == "look4");
  CHECK(*cache.looks == 5);
  cache.clock->advance(1s);
  CHECK(cache.id() == "look4");
  CHECK(*cache.looks == 6);
}

TEST_CASE("credentials that have ended are an error, not an answer") {
  Cache cache([&](int) -> Lookup { return named_credentials("old", cache.clock->now() - 1s); });
  const auto got = cache.credentials.get();
  CHECK(code_of(got) == ErrorCode::unauthenticated);
  CHECK(got.error().message() == "the credentials from a script have expired already; renew them there");
}

TEST_CASE("a source that is not set up says what it needs") {
  Cache cache([](int) -> Lookup { return NotConfigured{"AWS_SOMETHING is not set"}; });
  const auto got = cache.credentials.get();
  CHECK(code_of(got) == ErrorCode::unauthenticated);
  CHECK(got.error().message() == "no credentials from a script: AWS_SOMETHING is not set");
}

TEST_CASE("a source that throws is an error, and the next look is made") {
  Cache cache([](int look) -> Lookup {
    if (look == 1) throw std::runtime_error("thrown");
    return named_credentials("look2");
  });
  CHECK(code_of(cache.credentials.get()) == ErrorCode::internal);
  cache.clock->advance(1s);
  CHECK(cache.id() == "look2");
}

TEST_CASE("credentials that the service refused are looked up anew, once for all who say so") {
  Cache cache([](int look) -> Lookup { return named_credentials("look" + std::to_string(look)); });
  const auto first = must(cache.credentials.get());
  cache.credentials.refused(first);
  CHECK(cache.id() == "look2");
  cache.credentials.refused(first);
  cache.credentials.refused(nullptr);
  CHECK(cache.id() == "look2");
}

TEST_CASE("keys with a stray line break are refused where they were found, not where they are sent") {
  const auto with = [](int part, const std::string& stray) {
    Cache cache([&](int) -> Lookup {
      Credentials credentials = named_credentials("AKID");
      if (part == 0) credentials.access_key_id += stray;
      if (part == 1) credentials.secret_access_key = Secret("hidden" + stray);
      if (part == 2) credentials.session_token = Secret("hidden" + stray);
      return credentials;
    });
    return cache.credentials.get();
  };
  for (const int part : {0, 1, 2}) {
    for (const char* stray : {"\n", "\r\n", "\t", "\x7f", " ", "\xc3\xa9"}) {
      const auto got = with(part, stray);
      if (part == 1 && (*stray == ' ' || *stray == '\xc3')) {
        CHECK(got);  // a secret may be any line of text
        continue;
      }
      CHECK(code_of(got) == ErrorCode::unauthenticated);
      CHECK(got.error().message().starts_with("the credentials from a script hold a blank, a line break"));
      CHECK(got.error().message().find("hidden") == std::string::npos);
    }
  }
}

TEST_CASE("errors of sources are about credentials, never about an object") {
  const auto seen_as = [](ErrorCode code) {
    Cache cache([&](int) -> Lookup { return Error(code, "why").with_http_status(404); });
    const auto got = cache.credentials.get();
    CHECK(got.error().message() == "why");
    CHECK(got.error().http_status() == 404);
    return code_of(got);
  };
  CHECK(seen_as(ErrorCode::not_found) == ErrorCode::unauthenticated);
  CHECK(seen_as(ErrorCode::invalid_argument) == ErrorCode::unauthenticated);
  CHECK(seen_as(ErrorCode::permission_denied) == ErrorCode::unauthenticated);
  CHECK(seen_as(ErrorCode::unavailable) == ErrorCode::unavailable);
  CHECK(seen_as(ErrorCode::rate_limited) == ErrorCode::unavailable);
  CHECK(seen_as(ErrorCode::internal) == ErrorCode::internal);
}

TEST_CASE("a look ends with the call that makes it, which says nothing of the source") {
  Cache cache([](int look, const CallGuard& call) -> Lookup {
    if (look > 2) return named_credentials("look" + std::to_string(look));
    while (call.check()) std::this_thread::yield();
    return call.check().error();
  });
  CHECK(code_of(cache.credentials.get_within({.deadline = 10ms})) == ErrorCode::timed_out);
  std::stop_source stop;
  stop.request_stop();
  CHECK(code_of(cache.credentials.get_within({.stop = stop.get_token()})) == ErrorCode::cancelled);
  CHECK(cache.id() == "look3");
}

TEST_CASE("a renewal ahead of the end leaves its call half of its time") {
  std::vector<std::chrono::milliseconds> had;
  Cache cache([&](int look, const CallGuard& call) -> Lookup {
    had.push_back(call.remaining().deadline);
    return named_credentials("look" + std::to_string(look), cache.clock->now() + 1h);
  });
  for (const auto deadline : {1h, 1h, 0h}) {
    must(cache.credentials.get_within({.deadline = deadline}));
    cache.clock->advance(56min);
  }
  REQUIRE(had.size() == 3);
  CHECK(had[0] > 59min);
  CHECK(had[1] > 29min);
  CHECK(had[1] <= 30min);
  CHECK(had[2] == 0ms);
}

TEST_CASE("who waits for another's look waits no longer than its own call") {
  std::promise<void> looking;
  std::promise<void> gate;
  Cache cache([&](int) -> Lookup {
    looking.set_value();
    gate.get_future().wait();
    return named_credentials("look");
  });
  auto first = std::async(std::launch::async, [&] { return cache.credentials.get(); });
  looking.get_future().wait();
  CHECK(code_of(cache.credentials.get_within({.deadline = 10ms})) == ErrorCode::timed_out);
  std::stop_source stop;
  auto stopped =
      std::async(std::launch::async, [&] { return cache.credentials.get_within({.stop = stop.get_token()}); });
  stop.request_stop();
  CHECK(code_of(stopped.get()) == ErrorCode::cancelled);
  gate.set_value();
  CHECK(must(first.get())->access_key_id == "look");
  CHECK(*cache.looks == 1);
}
