// Stop requests and time limits, at every stage of an exchange.
#include "http/fetch.h"
#include "http/name_service.h"
#include "support/tcp_server.h"

#include <chrono>
#include <functional>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

/// Runs one exchange on this thread, requests a stop when `ready` returns on another, and checks that it ended at once.
void check_stops(HttpRequest sent, const std::function<void()>& ready) {
  std::stop_source source;
  sent.call.stop = source.get_token();
  std::chrono::steady_clock::time_point stopped;
  std::thread stopper([&] {
    ready();
    stopped = std::chrono::steady_clock::now();
    source.request_stop();
  });
  const Fetched got = fetch(sent);
  const auto ended = std::chrono::steady_clock::now();
  stopper.join();
  CHECK(got.error().code() == ErrorCode::cancelled);
  CHECK_FALSE(got.error().retryable());
  CHECK(ended - stopped < 150ms);  // promised is a second; without waking the wait it takes 200 ms or more
}

}  // namespace

TEST_CASE("A stop request before the start sends nothing") {
  TcpServer server(answering(http_response(200)));
  std::stop_source source;
  source.request_stop();
  HttpRequest get = request("GET", server.url());
  get.call.stop = source.get_token();
  CHECK(fetch(get).error().code() == ErrorCode::cancelled);
  CHECK(server.accepted() == 0);
}

TEST_CASE("F66 a stop request ends a wait for the answer") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.stall();
  });
  check_stops(request("GET", server.url()), [&] { server.wait_for_requests(1); });
}

TEST_CASE("F66 a stop request ends an upload that nobody reads") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_head();
    connection.stall();
  });
  check_stops(request("PUT", server.url(), std::string(8'000'000, 'x')), [&] { server.wait_for_requests(1); });
}

TEST_CASE("F66 a stop request ends a download that never ends") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send_for_ever("10\r\n0123456789abcdef\r\n");
  });
  check_stops(request("GET", server.url()), [&] { server.wait_for_requests(1); });
}

TEST_CASE("F66 a stop request ends a name look-up that hangs") {
  look_up_gate().close();
  check_stops(request("GET", "http://hangs.invalid/"), [] { look_up_gate().wait_for_arrival(); });
  look_up_gate().open();
}

TEST_CASE("F21 a name look-up that hangs is bounded by the connect time-out") {
  look_up_gate().close();
  const auto started = std::chrono::steady_clock::now();
  const Fetched got = fetch(*transport({.connect_timeout = 300ms}), request("GET", "http://hangs.invalid/?secret"));
  CHECK(std::chrono::steady_clock::now() - started < 2s);
  CHECK(got.error().code() == ErrorCode::timed_out);
  CHECK(got.error().message().find("hangs.invalid") != std::string::npos);
  CHECK(got.error().message().find("secret") == std::string::npos);
  look_up_gate().open();
}

TEST_CASE("F21 a name that cannot be resolved is unavailable") {
  look_up_gate().open();
  const Fetched got = fetch("http://hangs.invalid/");
  CHECK(got.error().code() == ErrorCode::unavailable);
  CHECK(got.error().message().find("hangs.invalid") != std::string::npos);
}

TEST_CASE("The call's deadline ends it, whatever the transport's own limits") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.stall();
  });
  HttpRequest get = request("GET", server.url());
  get.call.deadline = 200ms;
  const auto started = std::chrono::steady_clock::now();
  const Fetched got = fetch(get);
  const auto took = std::chrono::steady_clock::now() - started;
  CHECK(got.error().code() == ErrorCode::timed_out);
  CHECK(got.error().message().find("200 ms") != std::string::npos);
  CHECK(took >= 200ms);
  CHECK(took < 2s);
}

TEST_CASE("A stopped exchange leaves nothing for the next one on the same transport") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    if (connection.index() == 0) connection.stall();
    connection.send(http_response(200, "fresh"));
  });
  const auto over = transport();
  HttpRequest get = request("GET", server.url());
  get.call.deadline = 100ms;
  CHECK(fetch(*over, get).error().code() == ErrorCode::timed_out);
  CHECK(fetch(*over, request("GET", server.url())).body == "fresh");
}
