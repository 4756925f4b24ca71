// S19: who is told to go can read why, whatever they were saying at that moment.
#include "service/client.h"
#include "service/running.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <iterator>

using namespace audio_service;
using std::chrono::milliseconds;

namespace {

/// A service whose only thread is held by a client that does not finish, with one more that waits for it.
struct Full {
  Full() {
    REQUIRE(holding.send("POST /api/session HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"));
    REQUIRE(holding.receive_all(milliseconds(200)).empty());
    waiting = std::make_unique<RawConnection>(running.port);
    REQUIRE(waiting->send("GET /healthz HTTP/1.1\r\n"));
    REQUIRE(waiting->receive_all(milliseconds(200)).empty());
  }
  static ServerLimits limits() {
    ServerLimits limits;
    limits.threads = 1;
    limits.waiting_connections = 1;
    return limits;
  }
  Running running{limits()};
  RawConnection holding{running.port};
  std::unique_ptr<RawConnection> waiting;
};

/// Of this process, where both ends of all connections are.
std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

bool is_busy_answer(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 503 ") && answer.find("\"busy\"") != std::string::npos && answer.ends_with("}");
}

}  // namespace

TEST_CASE("S19: a client that is one too many reads the 503, though it has sent what nobody reads", "[service]") {
  const Full full;
  const std::string body(200'000, 'x');
  for (int i = 0; i < 20; ++i) {
    const RawConnection late(full.running.port);
    CHECK(late.send("POST /api/projects HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + body));
    CHECK(is_busy_answer(late.receive_all()));
    CHECK_FALSE(late.was_reset());
  }
}

TEST_CASE("S19: nor is it cut off while it still speaks", "[service]") {
  const Full full;
  const RawConnection slow(full.running.port);
  CHECK(is_busy_answer(slow.receive_all()));
  for (int i = 0; i < 5; ++i) {
    CHECK(slow.send("GET /healthz HTTP/1.1\r\n"));
    CHECK(slow.receive_all(milliseconds(60)).empty());
    CHECK_FALSE(slow.was_reset());
  }
}

TEST_CASE("S19: farewells are bounded, in number and in time", "[service]") {
  const Full full;
  const auto before = open_files();
  std::vector<std::unique_ptr<RawConnection>> silent;
  for (int i = 0; i < 400; ++i) {
    silent.push_back(std::make_unique<RawConnection>(full.running.port));
    CHECK(is_busy_answer(silent.back()->receive_all()));
  }
  CHECK(open_files() < before + 400 + 300);
  const auto begun = std::chrono::steady_clock::now();
  bool taken = true;  // by a connection that nobody will read from any more
  while (taken && std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)) {
    taken = silent.front()->send("x") && silent.front()->receive_all(milliseconds(50)).empty() &&
            !silent.front()->was_reset();
  }
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(8));
}
