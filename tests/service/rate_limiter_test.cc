// How often users and addresses may do something, by a clock that a test moves.
#include "http/rate_limiter.h"
#include "http/client_address.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Limited {
  explicit Limited(const Rate& rate) : limiter(rate, clock) {}
  /// How many of `asked` were granted.
  int take(const std::string& who, int asked) {
    int granted = 0;
    for (int i = 0; i < asked; ++i) granted += limiter.take(who).count() == 0 ? 1 : 0;
    return granted;
  }
  std::shared_ptr<audiostore::ManualClock> clock = std::make_shared<audiostore::ManualClock>();
  RateLimiter limiter;
};

std::string address_of(const std::string& peer, const httplib::Headers& headers = {}) {
  httplib::Request request;
  request.remote_addr = peer;
  request.headers = headers;
  return client_address(request);
}

}  // namespace

TEST_CASE("so many at once, then so many a second, for each by itself", "[service]") {
  Limited limited({.per_second = 2, .at_once = 5});
  CHECK(limited.take("a", 100) == 5);
  CHECK(limited.take("b", 100) == 5);
  limited.clock->advance(milliseconds(499));
  CHECK(limited.take("a", 1) == 0);
  limited.clock->advance(milliseconds(1));
  CHECK(limited.take("a", 2) == 1);
  limited.clock->advance(seconds(1));
  CHECK(limited.take("a", 100) == 2);
  limited.clock->advance(std::chrono::hours(1));
  CHECK(limited.take("a", 100) == 5);
}

TEST_CASE("who waits as long as they are told is let in, and not before", "[service]") {
  Limited limited({.per_second = 0.1, .at_once = 1});
  CHECK(limited.limiter.wait_of("a") == seconds(0));
  CHECK(limited.limiter.take("a") == seconds(0));
  CHECK(limited.limiter.take("a") == seconds(10));
  limited.clock->advance(milliseconds(8'500));
  CHECK(limited.limiter.wait_of("a") == seconds(2));  // rounded up
  limited.clock->advance(milliseconds(1'500));
  CHECK(limited.limiter.wait_of("a") == seconds(0));
  CHECK(limited.limiter.take("a") == seconds(0));
  CHECK(limited.limiter.take("a") > seconds(0));
}

TEST_CASE("the machine's date changes nothing, and a rate of 0 is no limit", "[service]") {
  Limited limited({.per_second = 1, .at_once = 1});
  CHECK(limited.take("a", 2) == 1);
  limited.clock->set(limited.clock->now() + std::chrono::hours(24));
  CHECK(limited.take("a", 1) == 0);
  Limited unlimited({.per_second = 0, .at_once = 0});
  CHECK(unlimited.take("a", 10'000) == 10'000);
}

TEST_CASE("what is remembered is bounded, and whoever has just used up theirs is not forgotten", "[service]") {
  Limited limited({.per_second = 1, .at_once = 2});
  CHECK(limited.take("greedy", 3) == 2);
  for (std::size_t i = 0; i < RateLimiter::most_remembered + 100; ++i) limited.take(std::to_string(i), 1);
  CHECK(limited.limiter.remembered() == RateLimiter::most_remembered);
  CHECK(limited.take("greedy", 1) == 0);
  limited.clock->advance(seconds(2));  // now all have rested
  CHECK(limited.take("new", 1) == 1);
  CHECK(limited.limiter.remembered() == 1);
}

TEST_CASE("an address is the peer's, or what a proxy on this machine says", "[service]") {
  CHECK(address_of("192.0.2.1") == "192.0.2.1");
  CHECK(address_of("192.0.2.1", {{"X-Forwarded-For", "192.0.2.9"}}) == "192.0.2.1");  // anybody can say that
  CHECK(address_of("127.0.0.1") == "127.0.0.1");
  CHECK(address_of("127.0.0.1", {{"X-Forwarded-For", "192.0.2.9"}}) == "192.0.2.9");
  CHECK(address_of("::1", {{"X-Forwarded-For", "198.51.100.1, 192.0.2.9 "}}) == "192.0.2.9");
  CHECK(address_of("127.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-For", "192.0.2.9"}}) ==
        "192.0.2.9");
  for (const char* odd : {"", ",", "unknown", "192.0.2.9:80", "192.0.2.9,"}) {
    INFO(odd);
    CHECK(address_of("127.0.0.1", {{"X-Forwarded-For", odd}}) == "127.0.0.1");
  }
  CHECK(address_of("2001:db8:1:2::3") == address_of("2001:db8:1:2:ffff::9"));
  CHECK(address_of("2001:db8:1:2::3") != address_of("2001:db8:1:3::3"));
  CHECK(address_of("::ffff:192.0.2.1") == "192.0.2.1");
}
