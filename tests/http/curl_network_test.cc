// Connections that are not made, break, crawl or fall silent, each fault by its number.
#include "http/fetch.h"
#include "support/tcp_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <semaphore>
#include <stdexcept>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

/// A port on loopback where the system answers no further SYN: it listens, accepts nobody, and its queue is full.
class BlackHole {
 public:
  BlackHole() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    if (bind(listener_, generic(), size) != 0 || listen(listener_, 0) != 0) fail();
    if (getsockname(listener_, generic(), &size) != 0) fail();
    for (const int waiting : waiting_) static_cast<void>(connect(waiting, generic(), size));
    pollfd first{waiting_[0], POLLOUT, 0};
    if (poll(&first, 1, 20'000) != 1) fail();  // a queue of length 0 holds one
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  ~BlackHole() {
    for (const int waiting : waiting_) close(waiting);
    close(listener_);
  }

  [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  [[noreturn]] static void fail() { throw std::runtime_error("BlackHole: cannot listen"); }
  static int stream(int flags) { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0); }
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }

  sockaddr_in address_{};
  int listener_ = stream(0);
  std::array<int, 3> waiting_{stream(SOCK_NONBLOCK), stream(SOCK_NONBLOCK), stream(SOCK_NONBLOCK)};
};

}  // namespace

TEST_CASE("F22: a connection that is never answered ends with the connect time-out") {
  const BlackHole hole;
  const auto started = std::chrono::steady_clock::now();
  const Fetched got =
      fetch(*transport({.connect_timeout = 300ms}), request("PUT", "http://" + hole.authority() + "/?secret", "body"));
  const auto took = std::chrono::steady_clock::now() - started;
  CHECK(got.error().code() == ErrorCode::timed_out);
  CHECK(got.error().retryable());
  CHECK(got.error().message().find(hole.authority()) != std::string::npos);
  CHECK(got.error().message().find("secret") == std::string::npos);
  CHECK(got.handler_calls == 0);
  CHECK(took >= 290ms);  // libcurl counts whole milliseconds
  CHECK(took < 5s);
}

TEST_CASE("F25: a reset within an upload is an error, and the same request then sends its body from the beginning") {
  std::string body(8'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 >> 3U);
  TcpServer server([](TcpConnection& connection) {
    if (connection.index() == 0) {
      connection.read_head();
      connection.read_some();
      connection.reset();
    } else if (connection.read_request()) {
      connection.send(http_response(200));
    }
  });
  const auto over = transport();
  const HttpRequest put = request("PUT", server.url(), body);
  const Fetched cut = fetch(*over, put);
  CHECK(cut.error().code() == ErrorCode::unavailable);
  CHECK(cut.error().retryable());
  CHECK(cut.handler_calls == 0);
  // The length is announced, so that no server can take the half for the whole.
  CHECK(server.requests().at(0).find("\r\nContent-Length: 8000000\r\n") != std::string::npos);
  CHECK(fetch(*over, put).status() == 200);
  CHECK(server.accepted() == 2);
  CHECK(server.requests().back().ends_with("\r\n\r\n" + body));
}

TEST_CASE("F34: replies in segments of one byte, each after the last one was taken, arrive whole") {
  const std::string body = "one byte at a time";
  std::counting_semaphore<> taken(0);
  TcpServer server([&](TcpConnection& connection) {
    connection.read_request();
    connection.send_bytewise(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 18\r\n\r\n");
    for (const char byte : body) {
      connection.send_bytewise({&byte, 1});
      if (!taken.try_acquire_for(20s)) return;
    }
  });
  std::string received;
  const auto result = transport()->send(request("GET", server.url()), [&](const HttpResponse&) {
    return ByteSink([&](ByteSpan bytes) -> Result<void> {
      CHECK(bytes.size() == 1);
      received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      taken.release();
      return {};
    });
  });
  REQUIRE(result);
  CHECK(find_header(result->headers, "ETag") == "\"e\"");
  CHECK(received == body);
}

TEST_CASE("F34: chunks and trailers in segments of one byte leave the connection fit for the next request") {
  TcpServer server([](TcpConnection& connection) {
    while (const auto received = connection.read_request()) {
      const std::string echo = received->substr(received->find("\r\n\r\n") + 4);
      connection.send_bytewise("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n" + echo.substr(0, 3));
      connection.send_bytewise("\r\n3\r\n" + echo.substr(3) + "\r\n0\r\nTrailer: x\r\n\r\n");
    }
  });
  const auto over = transport();
  for (const char* body : {"abcdef", "ghijkl"}) CHECK(fetch(*over, request("POST", server.url(), body)).body == body);
  CHECK(server.accepted() == 1);
}

TEST_CASE("F35: a peer that vanishes without FIN is given up by the stall limit, and the connection with it") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.send(http_response(200, "x"));
    if (connection.index() > 0) return;
    connection.read_request();
    connection.stall();
  });
  const auto over = transport({.stall_timeout = 1s});
  const HttpRequest get = request("GET", server.url());
  REQUIRE(fetch(*over, get).status() == 200);
  const auto started = std::chrono::steady_clock::now();
  const Fetched got = fetch(*over, get);
  CHECK(std::chrono::steady_clock::now() - started < 12s);
  CHECK(got.error().code() == ErrorCode::timed_out);
  CHECK(got.error().retryable());
  CHECK(server.requests().size() == 2);  // nobody knows what became of it, so it was not sent again unasked
  CHECK(fetch(*over, get).status() == 200);
  CHECK(server.accepted() == 2);
}
