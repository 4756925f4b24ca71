// S19: clients that are slow, endless or too many. In this process, with limits that a test can wait for.
#include "service/client.h"
#include "service/running.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <thread>

using namespace audio_service;
using std::chrono::milliseconds;

namespace {

ServerLimits quick() {
  ServerLimits limits;
  limits.connection.head_time = milliseconds(300);
  limits.connection.silence = milliseconds(300);
  limits.connection.idle_time = milliseconds(300);
  return limits;
}

}  // namespace

TEST_CASE("S19: a head that is too long or never ends is refused", "[service]") {
  const Running running(quick());
  for (const std::string& head :
       {"GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "GET /" + std::string(40'000, 'x'), [] {
          std::string many = "GET /healthz HTTP/1.1\r\n";
          for (int i = 0; i < 5000; ++i) many += "X: y\r\n";
          return many + "\r\n";
        }()}) {
    const RawConnection connection(running.port);
    connection.send(head);
    CHECK(connection.receive_all().starts_with("HTTP/1.1 431 "));
  }
  const RawConnection endless(running.port);
  const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
  bool taken = endless.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 100'000 && taken; ++i) taken = endless.send(line);
  CHECK_FALSE(taken);
  CHECK(running.health() == healthy);
}

TEST_CASE("S19: who sends slowly is not waited for", "[service]") {
  const Running running(quick());
  const RawConnection head(running.port);
  REQUIRE(head.send("GET /healthz HTTP/1.1\r\nX:"));
  CHECK(head.receive_all().starts_with("HTTP/1.1 408 "));

  const RawConnection dripping(running.port);  // a byte now and then does not help
  bool taken = dripping.send("GET /healthz HTTP/1.1\r\nX: ");
  const auto begun = std::chrono::steady_clock::now();
  while (taken && std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)) {
    taken = dripping.send("x") && dripping.receive_all(milliseconds(50)).empty();
  }
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));

  const RawConnection body(running.port);
  REQUIRE(body.send("POST /api/session HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"));
  const std::string answer = body.receive_all();
  CHECK((answer.empty() || answer.starts_with("HTTP/1.1 4")));

  const RawConnection silent(running.port);
  CHECK(silent.receive_all().empty());  // closed, not kept
  CHECK(running.health() == healthy);
}

TEST_CASE("S19: a body must keep to a pace", "[service]") {
  ServerLimits limits = quick();
  limits.connection.slowest_bytes_a_second = 1'000'000;
  const Running running(limits);
  const RawConnection connection(running.port);
  REQUIRE(connection.send("POST /api/session HTTP/1.1\r\nContent-Length: 60000\r\n\r\n"));
  const auto begun = std::chrono::steady_clock::now();
  bool taken = true;
  while (taken && std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)) {
    taken = connection.send("xx") && connection.receive_all(milliseconds(100)).empty();
  }
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

TEST_CASE("S19: too many connections are told so", "[service]") {
  ServerLimits limits;
  limits.connections_per_peer = 3;
  const Running running(limits);
  const RawConnection one(running.port);
  const RawConnection two(running.port);
  const RawConnection three(running.port);
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const RawConnection* open : {&one, &two, &three}) {
    REQUIRE(open->send(request));
    REQUIRE(open->receive_all(milliseconds(300)).find(healthy) != std::string::npos);  // and stays open
  }
  const RawConnection four(running.port);
  const std::string answer = four.receive_all();
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(answer.find("\"busy\"") != std::string::npos);
}

TEST_CASE("S19: one address does not hold all threads", "[service]") {
  ServerLimits limits;
  CHECK(limits.connections_per_peer < limits.threads);
  const Running running(limits);
  std::vector<std::unique_ptr<RawConnection>> slow;
  for (std::size_t i = 0; i < limits.threads; ++i) {
    slow.push_back(std::make_unique<RawConnection>(running.port));
    REQUIRE(slow.back()->send("GET /healthz HTTP/1.1\r\n"));
  }
  const auto begun = std::chrono::steady_clock::now();
  httplib::Client other("127.0.0.1", running.port);
  other.set_interface("127.0.0.2");
  const auto answer = other.Get("/healthz");
  REQUIRE(answer);
  CHECK(answer->body == healthy);
  CHECK(std::chrono::steady_clock::now() - begun < limits.connection.head_time / 2);
}

TEST_CASE("S19: connections that wait for a thread are bounded", "[service]") {
  ServerLimits limits;
  limits.threads = 1;
  limits.waiting_connections = 2;
  limits.connection.idle_time = std::chrono::seconds(20);
  const Running running(limits);
  const RawConnection busy(running.port);
  REQUIRE(busy.send("POST /api/session HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"));  // holds the only thread
  std::vector<std::unique_ptr<RawConnection>> waiting;
  std::string refused;
  for (int i = 0; i < 10 && refused.empty(); ++i) {
    waiting.push_back(std::make_unique<RawConnection>(running.port));
    refused = waiting.back()->receive_all(milliseconds(200));
  }
  CHECK(refused.starts_with("HTTP/1.1 503 "));
  CHECK(waiting.size() <= 4);
}

TEST_CASE("a client that was let in may take its time, though others wait", "[service]") {
  ServerLimits limits;
  limits.threads = 1;
  const Running running(limits);
  const RawConnection slow(running.port);
  const RawConnection waiting(running.port);
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(waiting.send(request));
  CHECK(slow.receive_all(milliseconds(800)).empty());
  REQUIRE(slow.send(request));
  CHECK(slow.receive_all().find(healthy) != std::string::npos);  // and then makes room
  CHECK(waiting.receive_all().find(healthy) != std::string::npos);
}

TEST_CASE("requests on one connection are told apart, whatever their bodies hold", "[service]") {
  const Running running(quick());
  const RawConnection pipelined(running.port);
  const std::string get = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(pipelined.send(get + get + get));
  const std::string answers = pipelined.receive_all();
  std::size_t count = 0;
  for (std::size_t at = answers.find("HTTP/1.1 200"); at != std::string::npos;
       at = answers.find("HTTP/1.1 200", at + 1)) {
    ++count;
  }
  CHECK(count == 3);
  // A body that nobody reads ends the connection: it is no second request.
  const RawConnection smuggler(running.port);
  REQUIRE(smuggler.send(fmt::format("GET /healthz HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", get.size(), get)));
  const std::string answer = smuggler.receive_all();
  CHECK(answer.starts_with("HTTP/1.1 200"));
  CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
  // Nor is one whose length others read, and we do not; nor what comes behind an unknown length.
  for (const char* head :
       {"GET /healthz HTTP/1.1\r\nContent-Length : 34\r\n\r\n", "GET /healthz HTTP/1.1\r\nContent-Length\t: 34\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nA: b\r\n Content-Length: 34\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nA: b\rContent-Length: 34\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nA: b\nContent-Length: 34\r\n\r\n", "GET /healthz HTTP/1.1\r\nno field\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n: nameless\r\n\r\n"}) {
    INFO(head);
    const RawConnection hidden(running.port);
    REQUIRE(hidden.send(head + get));
    const std::string refused = hidden.receive_all();
    CHECK(refused.starts_with("HTTP/1.1 400"));
    CHECK(refused.find("HTTP/1.1", 1) == std::string::npos);
  }
  const RawConnection lengthless(running.port);
  REQUIRE(lengthless.send("POST /api/projects HTTP/1.1\r\nHost: h\r\n\r\n" + get));
  const std::string unanswered = lengthless.receive_all();
  CHECK(unanswered.starts_with("HTTP/1.1 411"));
  CHECK(unanswered.find("HTTP/1.1", 1) == std::string::npos);
  // A Range is for recordings, not for JSON.
  CHECK(send("GET", running.service->url() + "/healthz", {}, {{"Range", "bytes=0-3"}}).body == healthy);
  CHECK(send("GET", running.service->url() + "/healthz", {}, {{"Range", "bytes=9-3"}}).status != 0);
}
