// The faults of the network and of servers, each by its number.
#include "http/fetch.h"
#include "support/tcp_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

void check_unavailable(const Fetched& fetched) {
  CAPTURE(fetched.error().to_string());
  CHECK(fetched.error().code() == ErrorCode::unavailable);
  CHECK(fetched.error().retryable());
}

/// A body of 'i's; calls `interruption` when bytes in its second half are wanted for the first time.
class InterruptedSource final : public PayloadSource {
 public:
  explicit InterruptedSource(std::function<void()> interruption) : interruption_(std::move(interruption)) {}
  [[nodiscard]] std::uint64_t size() const override { return 1'000'000; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::fill(out, std::byte{'i'});
    if (offset >= size() / 2) std::call_once(interrupted_, interruption_);
    return {};
  }

 private:
  std::function<void()> interruption_;
  mutable std::once_flag interrupted_;
};

/// The most memory that this process has used at once.
std::size_t peak_memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  }
  return 0;
}

Result<HttpResponse> fetch_at_most(const std::string& url, std::uint64_t limit) {
  std::uint64_t received = 0;
  return transport()->send(request("GET", url), [&](const HttpResponse&) {
    return ByteSink([&](ByteSpan bytes) -> Result<void> {
      received += bytes.size();
      if (received > limit) return Error(ErrorCode::too_large, "more than wanted");
      return {};
    });
  });
}

}  // namespace

TEST_CASE("F17 an early refusal of an upload is reported, not the broken connection") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_head();
    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nConnection: close\r\n\r\ndenied");
    connection.finish();
    connection.stall();
  });
  const Fetched got = fetch(request("PUT", server.url(), std::string(8'000'000, 'x')));
  CHECK(got.status() == 403);
  CHECK(got.body == "denied");
}

TEST_CASE("F20 a refused connection is unavailable and names the host") {
  std::string url;
  std::string authority;
  {
    const TcpServer gone(answering(""));
    url = gone.url("/key?X-Amz-Signature=secret");
    authority = gone.authority();
  }
  const Fetched got = fetch(url);
  check_unavailable(got);
  CHECK(got.error().message().find(authority) != std::string::npos);
  CHECK(got.error().message().find("secret") == std::string::npos);
  CHECK(got.error().message().find("key") == std::string::npos);
}

TEST_CASE("F23 a reset before the first byte is unavailable") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.reset();
  });
  check_unavailable(fetch(server.url()));
  check_unavailable(fetch(request("PUT", server.url(), "body")));
}

TEST_CASE("F24 a reset within a body is unavailable") {
  std::promise<void> arrived;
  TcpServer server([&](TcpConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
    arrived.get_future().wait();
    connection.reset();
  });
  const auto result = transport()->send(request("GET", server.url()), [&](const HttpResponse&) {
    return ByteSink([&](ByteSpan) -> Result<void> {
      arrived.set_value();
      return {};
    });
  });
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::unavailable);
}

TEST_CASE("F26 a body shorter than announced is corrupt and may be tried again") {
  for (const char* body : {"", "1234"}) {
    TcpServer server(answering_once(std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") + body));
    const Fetched got = fetch(server.url());
    CHECK(got.error().code() == ErrorCode::corrupt);
    CHECK(got.error().retryable());
  }
}

TEST_CASE("F27 a body that the connection's end delimits is marked as such") {
  TcpServer server(answering_once("HTTP/1.1 200 OK\r\n\r\nhalf of it"));
  const Fetched got = fetch(server.url());
  CHECK(got.body == "half of it");
  CHECK_FALSE(got.result->length_known);
}

TEST_CASE("F28 a truncated or malformed chunked body is an error") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body : {"", "5\r\nabc", "5\r\nabcde", "5\r\nabcde\r\n", "5\r\nabcde\r\n0\r\n"}) {
    CAPTURE(body);
    TcpServer server(answering_once(head + body));
    const Fetched got = fetch(server.url());
    CHECK(got.error().retryable());
  }
  for (const char* body : {"xyz\r\n", "-1\r\na", "fffffffffffffffff\r\na", "3\r\nabcdef\r\n0\r\n\r\n"}) {
    CAPTURE(body);
    TcpServer server(answering_once(head + body));
    check_unavailable(fetch(server.url()));
  }
}

TEST_CASE("F29 bytes behind the announced body reach nobody") {
  TcpServer server(answering(http_response(200, "abc") + http_response(200, "smuggled")));
  const auto over = transport();
  for (std::size_t i = 1; i <= 3; ++i) {
    CHECK(fetch(*over, request("GET", server.url())).body == "abc");
    CHECK(server.accepted() == i);
  }
}

TEST_CASE("F29 a second response that comes late reaches nobody") {
  std::promise<void> idle;
  std::promise<void> smuggled;
  TcpServer server([&](TcpConnection& connection) {
    connection.read_request();
    connection.send(http_response(200, "abc"));
    if (connection.index() > 0) return;
    idle.get_future().wait();
    connection.send(http_response(200, "smuggled"));
    smuggled.set_value();
    connection.stall();
  });
  const auto over = transport();
  CHECK(fetch(*over, request("GET", server.url())).body == "abc");
  idle.set_value();
  smuggled.get_future().wait();
  CHECK(fetch(*over, request("GET", server.url())).body == "abc");
}

TEST_CASE("F30 a Content-Length that is no length is corrupt on the wire too") {
  for (const char* fields : {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 99999999999999999999\r\n",
                             "Content-Length: 5x\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"}) {
    CAPTURE(fields);
    TcpServer server(answering_once(fmt::format("HTTP/1.1 200 OK\r\n{}\r\n12345", fields)));
    const Fetched got = fetch(server.url());
    CHECK(got.error().code() == ErrorCode::corrupt);
    CHECK(got.handler_calls == 0);
  }
  TcpServer negative(answering_once("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n12345"));
  CHECK(fetch(negative.url()).error().code() == ErrorCode::corrupt);
}

TEST_CASE("F31 a server that closes after every third request costs no error") {
  TcpServer server([](TcpConnection& connection) {
    for (int i = 0; i < 3 && connection.read_request(); ++i) connection.send(http_response(200));
  });
  const auto over = transport();
  for (int i = 0; i < 300; ++i) REQUIRE(fetch(*over, request("PUT", server.url(), "body")).status() == 200);
  CHECK(server.requests().size() == 300);
}

TEST_CASE("F25 F31 a kept connection that dies under the next request is replaced, and the body sent again") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.send(http_response(200));
    if (connection.index() > 0) return;
    connection.read_head();
    connection.read_some();
    connection.reset();
  });
  const auto over = transport();
  const std::string body(1'000'000, 'b');
  std::vector<std::uint64_t> done;
  HttpRequest put = request("PUT", server.url(), body);
  put.call.on_progress = [&](const Progress& progress) { done.push_back(progress.done); };
  REQUIRE(fetch(*over, put).status() == 200);
  done.clear();
  REQUIRE(fetch(*over, put).status() == 200);
  CHECK(server.accepted() == 2);
  CHECK(server.requests().back().ends_with(body));
  CHECK(std::ranges::is_sorted(done));
}

TEST_CASE("F31 a response says how often its request was sent, to the handler too") {
  for (const bool reset : {false, true}) {
    TcpServer server([&](TcpConnection& connection) {
      for (int i = connection.index() == 0 ? 1 : 2; i > 0 && connection.read_request(); --i) {
        connection.send(http_response(200));
      }
      if (connection.index() == 0) connection.read_request();
      if (reset) connection.reset();
    });
    const auto over = transport();
    for (const int sends : {1, 2, 1}) {
      int told = 0;
      const auto result = over->send(request("PUT", server.url(), "body"), [&](const HttpResponse& head) {
        told = head.sends;
        return ByteSink([](ByteSpan) -> Result<void> { return {}; });
      });
      REQUIRE(result);
      CHECK(result->sends == sends);
      CHECK(told == sends);
    }
  }
}

TEST_CASE("F31 it is replaced too when the break shows only as a failed write") {
  std::promise<void> go;
  std::promise<void> gone;
  TcpServer server([&](TcpConnection& connection) {
    connection.read_request();
    connection.send(http_response(200));
    if (connection.index() > 0) return;
    connection.read_head();
    go.get_future().wait();
    connection.reset();
    gone.set_value();
  });
  const auto over = transport();
  REQUIRE(fetch(*over, request("PUT", server.url(), "first")).status() == 200);
  HttpRequest put = request("PUT", server.url());
  put.body = Payload(std::make_shared<InterruptedSource>([&] {
    go.set_value();
    gone.get_future().wait();
  }));
  const Fetched got = fetch(*over, put);
  CHECK(got.status() == 200);
  CHECK(got.result->sends == 2);
  CHECK(server.accepted() == 2);
  CHECK(server.requests().back().ends_with(std::string(put.body.size(), 'i')));
}

TEST_CASE("F32 a server that stops answering or reading is given up") {
  const auto stall_after = [](const std::string& reply) {
    return [reply](TcpConnection& connection) {
      connection.read_head();
      connection.send(reply);
      connection.stall();
    };
  };
  TcpServer silent(stall_after(""));
  TcpServer half(stall_after("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"));
  const auto started = std::chrono::steady_clock::now();
  const auto over = transport({.stall_timeout = 1s});
  const auto error_of = [&](const HttpRequest& sent) {
    return std::async(std::launch::async, [&over, sent] { return fetch(*over, sent).result; });
  };
  // Side by side, because libcurl's measure of speed looks back over five seconds.
  auto never = error_of(request("GET", silent.url()));
  auto middle = error_of(request("GET", half.url()));
  auto upload = error_of(request("PUT", silent.url(), std::string(8'000'000, 'x')));
  for (auto* pending : {&never, &middle, &upload}) {
    const auto result = pending->get();
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::timed_out);
    CHECK(result.error().retryable());
    CHECK(result.error().message().find("127.0.0.1:") != std::string::npos);
  }
  CHECK(std::chrono::steady_clock::now() - started < 12s);
}

TEST_CASE("F33 a server that trickles is ended by the total time-out") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send_for_ever("1\r\nx\r\n");
  });
  CHECK(fetch(*transport({.total_timeout = 1s}), request("GET", server.url())).error().code() == ErrorCode::timed_out);
}

TEST_CASE("F36 F37 F38 endless headers end quickly and in bounded memory") {
  const std::size_t before = peak_memory_kib();
  for (const auto& [first, again] :
       {std::pair("HTTP/1.1 200 OK\r\nX: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        std::pair("HTTP/1.1 200 OK\r\n", "X-Header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        std::pair("", "HTTP/1.1 102 Processing\r\n\r\n"), std::pair("", "aaaaaaaaaaaaa")}) {
    CAPTURE(first, again);
    TcpServer server([&, first = first, again = again](TcpConnection& connection) {
      connection.read_request();
      connection.send(first);
      connection.send_for_ever(again);
    });
    const Fetched got = fetch(server.url());
    check_unavailable(got);
    CHECK(got.handler_calls == 0);
  }
  CHECK(peak_memory_kib() - before < 32'768);
}

TEST_CASE("F36 a header or trailer line that is too long is called that, with the limit") {
  const std::string line = "X: " + std::string(200'000, 'a') + "\r\n\r\n";
  for (const char* head : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    CAPTURE(head);
    TcpServer server(answering_once(head + line));
    const Fetched by_default = fetch(server.url());
    check_unavailable(by_default);
    CHECK(by_default.error().message().find("more than 65536 bytes") != std::string::npos);
    const Fetched with_more = fetch(*transport({.max_header_bytes = 1'000'000}), request("GET", server.url()));
    check_unavailable(with_more);
    CHECK(with_more.error().message().find("more than 102400 bytes") != std::string::npos);
  }
}

TEST_CASE("F37 the limit for headers is the option's") {
  TcpServer server(answering(http_response(200, "", "X: " + std::string(2000, 'a') + "\r\n")));
  CHECK(fetch(*transport({.max_header_bytes = 4096}), request("GET", server.url())).status() == 200);
  check_unavailable(fetch(*transport({.max_header_bytes = 2000}), request("GET", server.url())));
}

TEST_CASE("F39 junk, HTTP/0.9 and empty replies are unavailable") {
  for (const char* reply : {"", "\r\n\r\n", "<html>hello</html>", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nA",
                            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/2 200\r\nContent-Length: 0\r\n\r\n",
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc"}) {
    CAPTURE(reply);
    TcpServer server(answering_once(reply));
    const Fetched got = fetch(server.url());
    check_unavailable(got);
    CHECK(got.handler_calls == 0);
  }
}

TEST_CASE("F40 an endless chunked body is ended by the sink, in bounded memory") {
  const std::size_t before = peak_memory_kib();
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send_for_ever("8000\r\n" + std::string(0x8000, 'x') + "\r\n");
  });
  const auto result = fetch_at_most(server.url(), 100'000'000);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::too_large);
  CHECK(peak_memory_kib() - before < 32'768);
}

TEST_CASE("F41 no coding is asked for, so a gzip bomb stays small") {
  TcpServer server(answering(http_response(200, std::string(3000, '\x1f'), "Content-Encoding: gzip\r\n")));
  CHECK(fetch(server.url()).body.size() == 3000);
  CHECK(server.requests().at(0).find("ncoding") == std::string::npos);
}
