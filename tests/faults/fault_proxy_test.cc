// The proxy itself: what it is told to do to the bytes is what happens to them.
#include "support/fault_proxy.h"
#include "http/fetch.h"
#include "support/tcp_server.h"

#include <fmt/format.h>

#include <chrono>

using namespace audiostore;
using namespace std::chrono_literals;
using Way = FaultProxy::Way;
using Harm = FaultProxy::Harm;

namespace {

/// Answers each request with its own body.
TcpServer::Script echo() {
  return [](TcpConnection& connection) {
    while (const auto received = connection.read_request()) {
      if (!connection.send(http_response(200, received->substr(received->find("\r\n\r\n") + 4)))) return;
    }
  };
}

/// The bytes of an echo's head: what is behind them is the body.
const std::uint64_t reply_head = http_response(200, "0123456789").size() - 10;

HttpRequest post(const FaultProxy& proxy, std::string body) {
  return request("POST", proxy.url() + "/", std::move(body));
}

}  // namespace

TEST_CASE("a proxy without a plan passes everything on, over as many connections as there are") {
  TcpServer server(echo());
  const FaultProxy proxy(server.port());
  const auto over = transport();
  for (const std::string& body : {std::string("0123456789"), std::string(1'000'000, 'x')}) {
    CHECK(fetch(*over, post(proxy, body)).body == body);
    CHECK(fetch(post(proxy, body)).body == body);
  }
  CHECK(server.accepted() == 3);
  CHECK(proxy.seen(Way::up) > 4 * 500'000);
}

TEST_CASE("a byte that is flipped arrives with that bit turned, whichever way it goes") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.plan({.way = Way::down, .at = reply_head + 3, .harm = Harm::flip, .bit = 6});
  CHECK(fetch(post(proxy, "0123456789")).body == "012s456789");
  proxy.plan({.way = Way::up, .at = proxy.seen(Way::up), .harm = Harm::flip, .bit = 0});
  CHECK(fetch(post(proxy, "0123456789")).body == "0123456789");
  CHECK(server.requests().at(1).starts_with("QOST "));
}

TEST_CASE("a connection ends at the byte that was named, and the next one does not") {
  for (const Harm harm : {Harm::end, Harm::reset}) {
    for (const std::uint64_t at : {std::uint64_t{0}, reply_head, reply_head + 5, reply_head + 9}) {
      CAPTURE(at);
      TcpServer server(echo());
      FaultProxy proxy(server.port());
      proxy.plan({.way = Way::down, .at = at, .harm = harm});
      const Fetched cut = fetch(post(proxy, "0123456789"));
      CHECK(cut.error().retryable());
      if (harm == Harm::end) CHECK(cut.body == std::string("0123456789").substr(0, at - std::min(at, reply_head)));
      CHECK(proxy.seen(Way::down) == at + 1);
      CHECK(fetch(post(proxy, "0123456789")).body == "0123456789");
    }
  }
}

TEST_CASE("a request that is cut never comes whole") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.plan({.way = Way::up, .at = 20, .harm = Harm::reset});
  CHECK(fetch(post(proxy, "0123456789")).error().retryable());
  CHECK(server.requests().empty());
}

TEST_CASE("what stalls goes on when it is released") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.plan({.way = Way::down, .at = reply_head + 5, .harm = Harm::stall});
  std::string received;
  const auto result = transport()->send(post(proxy, "0123456789"), [&](const HttpResponse&) {
    return ByteSink([&](ByteSpan bytes) -> Result<void> {
      received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      if (received == "01234") proxy.release();
      return {};
    });
  });
  CHECK(result);
  CHECK(received == "0123456789");
}

TEST_CASE("a client that gives up a stalled connection leaves nothing behind") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.plan({.way = Way::up, .at = 0, .harm = Harm::stall});
  CHECK(fetch(*transport({.total_timeout = 50ms}), post(proxy, "a")).error().code() == ErrorCode::timed_out);
  CHECK(fetch(post(proxy, "b")).body == "b");
  proxy.release();
  CHECK(fetch(post(proxy, "c")).body == "c");
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a proxy can refuse, and swallow") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.refuse(true);
  CHECK(fetch(post(proxy, "a")).error().retryable());
  proxy.refuse(false);
  proxy.swallow(true);
  CHECK(fetch(*transport({.total_timeout = 50ms}), post(proxy, "a")).error().code() == ErrorCode::timed_out);
  CHECK(proxy.seen(Way::up) > 0);
  proxy.swallow(false);
  CHECK(fetch(post(proxy, "a")).body == "a");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a slow proxy needs the time that it was told to take") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.slow_down(10, 1ms, 2ms);
  const auto started = std::chrono::steady_clock::now();
  CHECK(fetch(post(proxy, std::string(100, 'x'))).body == std::string(100, 'x'));
  CHECK(std::chrono::steady_clock::now() - started >= 20ms);  // ten segments each way at least
}

TEST_CASE("harm that was not done is left over") {
  TcpServer server(echo());
  FaultProxy proxy(server.port());
  proxy.plan({.way = Way::down, .at = reply_head, .harm = Harm::flip});
  CHECK(proxy.left_over() == fmt::format("down {} ", reply_head));
  CHECK(fetch(post(proxy, "0123456789")).status() == 200);
  CHECK(proxy.left_over() == "");
}
