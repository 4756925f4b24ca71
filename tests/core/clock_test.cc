#include <audiostore/clock.h>

#include <catch2/catch.hpp>

#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

TEST_CASE("the machine's clock waits as long as it is asked to") {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(system_clock()->wait(30ms, {}));
  CHECK(std::chrono::steady_clock::now() - begin >= 30ms);
  CHECK(system_clock()->wait(0ms, {}));
  CHECK(system_clock()->wait(-5ms, {}));
}

TEST_CASE("a stop request ends a wait, also one that is almost endless") {
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  CHECK_FALSE(system_clock()->wait(std::chrono::milliseconds::max(), stop.get_token()));
  CHECK_FALSE(system_clock()->wait(24h, stop.get_token()));
  CHECK_FALSE(system_clock()->wait(0ms, stop.get_token()));
}

TEST_CASE("the steady time of the machine's clock goes on") {
  const auto begin = system_clock()->steady_now();
  CHECK(system_clock()->wait(2ms, {}));
  CHECK(system_clock()->steady_now() - begin >= 2ms);
}
