#include "local/http_connection.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

/// A peer whose bytes come in the given pieces; after them it has ended its side.
class ScriptedStream final : public ByteStream {
 public:
  explicit ScriptedStream(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}

  [[nodiscard]] bool ended() const { return pieces_.empty(); }
  Result<std::size_t> read(std::span<std::byte> out) override {
    if (pieces_.empty()) return 0U;
    std::string& piece = pieces_.front();
    const std::size_t count = std::min(out.size(), piece.size());
    std::memcpy(out.data(), piece.data(), count);
    piece.erase(0, count);
    if (piece.empty()) pieces_.pop_front();
    return count;
  }
  Result<void> write(ByteSpan bytes) override {
    ++writes;
    output.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  void finish() override { finished = true; }

  /// What a server does for `http`, on this one connection.
  void drive(HttpConnection& http) {
    std::array<std::byte, 8192> piece;
    while (http.phase() != Phase::over) {
      if (http.phase() == Phase::answer) {
        http.answer();
      } else if (ended()) {
        http.hang_up();
      } else {
        http.receive({piece.data(), read(piece).value()});
      }
    }
  }

  std::string output;
  int writes = 0;
  bool finished = false;

 private:
  std::deque<std::string> pieces_;
};

/// Answers with what it got: "METHOD target body". The target decides how badly it behaves.
class EchoService final : public HttpService {
 public:
  void serve(IncomingRequest& request, Responder& responder) override {
    std::string answer = request.head.method + " " + request.head.target + " ";
    if (request.head.target != "/unread") {
      std::array<std::byte, 7> piece;
      for (;;) {
        const auto got = request.read_body(piece);
        if (!got) answer += got.error().service_code();
        if (!got || *got == 0) break;
        answer.append(reinterpret_cast<const char*>(piece.data()), *got);
      }
    }
    const std::uint64_t announced = answer.size() + (request.head.target == "/short" ? 1 : 0);
    CHECK(responder.begin({.status = 200, .content_length = announced}));
    if (request.head.method != "HEAD") CHECK(responder.write(as_bytes(answer)));
    if (request.head.target == "/long") CHECK_FALSE(responder.write(as_bytes("x")));
  }
  void refuse(const Error& reason, Responder& responder) override {
    const std::string_view code = reason.service_code();
    CHECK(responder.begin({.status = reason.http_status(), .content_length = code.size()}));
    if (!responder.answers_head()) CHECK(responder.write(as_bytes(code)));
  }
  [[nodiscard]] std::size_t body_ahead(const RequestHead& head) const override {
    return head.target == "/ahead" ? 8 : 0;
  }
};

ScriptedStream served(std::deque<std::string> pieces, HttpLimits limits = {}) {
  ScriptedStream stream(std::move(pieces));
  EchoService service;
  HttpConnection http(stream, service, {}, limits);
  stream.drive(http);
  return stream;
}

std::size_t responses_in(const std::string& output) {
  std::size_t count = 0;
  for (auto at = output.find("HTTP/1.1 "); at != std::string::npos; at = output.find("HTTP/1.1 ", at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("Requests on one connection are answered one after the other") {
  const std::string requests =
      "PUT /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789"
      "\r\nGET /b HTTP/1.1\r\n\r\n"
      "GET /c HTTP/1.1\r\nConnection: close\r\n\r\n"
      "GET /never HTTP/1.1\r\n\r\n";
  std::deque<std::string> bytewise;
  for (const char c : requests) bytewise.push_back(std::string(1, c));
  for (const auto& pieces : {std::deque<std::string>{requests}, bytewise}) {
    const auto stream = served(pieces);
    CHECK(stream.output ==
          "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\nPUT /a 0123456789"
          "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGET /b "
          "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nGET /c ");
    CHECK(stream.writes == 3);
    CHECK(stream.finished);
  }
}

TEST_CASE("HEAD has the length but no body") {
  CHECK(served({"HEAD /a HTTP/1.1\r\n\r\n"}).output == "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
}

TEST_CASE("HTTP/1.0 connections end after the response") {
  const auto stream = served({"GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\n"});
  CHECK(responses_in(stream.output) == 1);
  CHECK(stream.output.find("Connection: close") != std::string::npos);
}

TEST_CASE("A body that nobody read is never taken for a request") {
  const auto stream = served({"PUT /unread HTTP/1.1\r\nContent-Length: 30\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"});
  CHECK(responses_in(stream.output) == 1);
  CHECK(stream.output.find("Connection: close") != std::string::npos);
  CHECK(stream.finished);
}

TEST_CASE("A response that is too short cuts the connection") {
  const auto stream = served({"GET /short HTTP/1.1\r\n\r\n", "GET /b HTTP/1.1\r\n\r\n"});
  CHECK(stream.output.find("GET /b") == std::string::npos);
  CHECK_FALSE(stream.finished);
}

TEST_CASE("Bytes beyond the announced length are not sent") {
  CHECK(served({"GET /long HTTP/1.1\r\n\r\n"}).output.ends_with("\r\n\r\nGET /long "));
}

TEST_CASE("The client is told to go on when the body is wanted, and only then") {
  const std::string head = "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  CHECK(served({"PUT /a HTTP/1.1\r\n" + head, "abc"}).output.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  CHECK(served({"PUT /unread HTTP/1.1\r\n" + head, "abc"}).output.starts_with("HTTP/1.1 200"));
}

TEST_CASE("A client that waited for 100 Continue in vain gets no second response on the connection") {
  const std::string put = " HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n";
  const auto refused = served({"PUT /unread" + put, "GET /b HTTP/1.1\r\n\r\n"});
  CHECK(responses_in(refused.output) == 1);
  CHECK(refused.output.find("Connection: close") != std::string::npos);
  const auto taken = served({"PUT /a" + put, "GET /b HTTP/1.1\r\n\r\n"});
  CHECK(taken.output.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  CHECK(responses_in(taken.output) == 3);
}

TEST_CASE("A body that ends early is reported") {
  const auto stream = served({"PUT /a HTTP/1.1\r\nContent-Length: 9\r\n\r\n0123"});
  CHECK(stream.output.find("0123IncompleteBody") != std::string::npos);
}

TEST_CASE("A chunked body comes without its framing, and ends where it says") {
  const std::string request =
      "PUT /a HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5\r\n01234\r\nA;x=\"y\"\r\n56789abcde\r\n000\r\nTrailer: 1\r\nOther: 2\r\n\r\n"
      "GET /b HTTP/1.1\r\nConnection: close\r\n\r\n";
  std::deque<std::string> bytewise;
  for (const char c : request) bytewise.emplace_back(1, c);
  for (const auto& stream : {served({request}), served(std::move(bytewise))}) {
    CHECK(stream.output.find("\r\n\r\nPUT /a 0123456789abcdeHTTP/1.1 200 OK") != std::string::npos);
    CHECK(stream.output.ends_with("GET /b "));
  }
}

TEST_CASE("A chunked body that is malformed or ends early is reported, and nothing follows it") {
  const std::string chunks =
      GENERATE(as<std::string>(), "5\r\n012", "5\r\n01234", "5\r\n01234\r\n", "5\r\n012345\r\n0\r\n\r\n", "x\r\n",
               "-1\r\n", "\r\n", "5\n01234\r\n", "0\r\n", "0\r\nA: 1\r\n", "10000000000000000\r\n",
               "00000000000000005\r\n01234\r\n0\r\n\r\n", "5;" + std::string(2000, 'x') + "\r\n01234\r\n0\r\n\r\n",
               std::string(5000, '0'));
  CAPTURE(chunks);
  const auto stream = served({"PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks});
  CHECK(stream.output.ends_with("IncompleteBody"));
  CHECK(stream.output.find("Connection: close") != std::string::npos);
}

TEST_CASE("A chunked body that nobody read is never taken for a request") {
  const auto stream = served(
      {"PUT /unread HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n0\r\n\r\n", "GET /b HTTP/1.1\r\n\r\n"});
  CHECK(responses_in(stream.output) == 1);
  CHECK(stream.output.find("Connection: close") != std::string::npos);
}

TEST_CASE("What is no request is refused, and the connection ended") {
  const auto [status, request] = GENERATE(table<std::string, std::string>({
      {"400", "GET /a\r\n\r\n"},
      {"400", "GET /a HTTP/1.1\r\nHost : x\r\n\r\n"},
      {"400", "PUT /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n"},
      {"400", "PUT /a HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n"},
      {"400", "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {"400", "PUT /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"400", "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"400", "PUT /a HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n"},
      {"400", "PUT /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"400", "GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\n\r\n"},
      {"400", "GET /a HTTP/1.1\r\nA: " + std::string(40'000, 'a')},
  }));
  const auto stream = served({request, "GET /b HTTP/1.1\r\n\r\n"});
  CHECK(stream.output.starts_with("HTTP/1.1 " + status));
  CHECK(stream.output.find("GET") == std::string::npos);
  CHECK(stream.finished);
}

TEST_CASE("No refusal of a HEAD has a body") {
  const auto [head, code] = GENERATE(table<std::string, std::string>({
      {" /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "BadRequest"},
      {" /a HTTP/1.1\r\nContent-Length: x\r\n\r\n", "BadRequest"},
      {" /a HTTP/3\r\n\r\n", "BadRequest"},
      {" /a HTTP/1.1\r\nA: " + std::string(40'000, 'a'), "RequestHeaderSectionTooLarge"},
  }));
  CAPTURE(head);
  CHECK(served({"HEAD" + head}).output.ends_with("\r\n\r\n"));
  CHECK(served({"GET" + head}).output.ends_with("\r\n\r\n" + code));
}

namespace {

struct Exchange {
  ScriptedStream stream{{}};
  EchoService service;
  std::stop_source stop;
  HttpConnection http{stream, service, stop.get_token()};
};

}  // namespace

TEST_CASE("A connection says what it waits for") {
  Exchange on;
  CHECK(on.http.phase() == Phase::idle);
  on.http.receive(as_bytes("\r\n"));
  CHECK(on.http.phase() == Phase::idle);
  on.http.receive(as_bytes("GET /a HTTP/1.1\r\n\r"));
  CHECK(on.http.phase() == Phase::head);
  on.http.receive(as_bytes("\nGET /b HTTP/1.1\r\n\r\nGET"));
  CHECK(on.http.phase() == Phase::answer);
  CHECK(on.stream.output.empty());
  on.http.answer();
  CHECK(on.http.phase() == Phase::answer);
  CHECK(on.stream.output.ends_with("GET /a "));
  on.http.answer();
  CHECK(on.http.phase() == Phase::head);
  CHECK(on.stream.output.ends_with("GET /b "));
  on.http.receive(as_bytes(" /c HTTP/1.0\r\n\r\n"));
  on.http.answer();
  CHECK(on.http.phase() == Phase::farewell);
  on.http.receive(as_bytes("GET /d HTTP/1.0\r\n\r\n"));
  CHECK(on.http.phase() == Phase::farewell);
  on.http.hang_up();
  CHECK(on.http.phase() == Phase::over);
  CHECK(on.stream.output.find("/d") == std::string::npos);
}

TEST_CASE("A request is not answered before as much of its body is there as the service wants") {
  ScriptedStream stream({});
  EchoService service;
  HttpConnection http(stream, service, {});
  const std::string head = "PUT /ahead HTTP/1.1\r\nContent-Length: 11\r\n\r\n";
  for (const char c : head + "\r\n\r\n567") {
    http.receive(as_bytes(std::string(1, c)));
    CHECK(http.phase() == Phase::head);
  }
  http.receive(as_bytes("89abGET /next HTTP/1.1\r\n\r\n"));
  CHECK(http.phase() == Phase::answer);
  http.answer();
  CHECK(stream.output.ends_with("PUT /ahead \r\n\r\n56789ab"));
  CHECK(http.phase() == Phase::answer);
  http.answer();
  CHECK(stream.output.ends_with("GET /next "));
  http.receive(as_bytes("PUT /ahead HTTP/1.1\r\nContent-Length: 3\r\n\r\n12"));
  CHECK(http.phase() == Phase::head);
  http.receive(as_bytes("3"));
  http.answer();
  CHECK(stream.output.ends_with("PUT /ahead 123"));
  http.receive(as_bytes("PUT /ahead HTTP/1.1\r\n\r\n"));
  http.answer();
  http.receive(as_bytes(head + "1"));
  http.expire();
  http.answer();
  CHECK(stream.output.ends_with("RequestTimeout"));
}

TEST_CASE("A head that comes too slowly is refused; other waits just end") {
  Exchange slow;
  slow.http.receive(as_bytes("GET /a HTTP/1.1\r\n"));
  slow.http.expire();
  REQUIRE(slow.http.phase() == Phase::answer);
  slow.http.answer();
  CHECK(slow.stream.output.starts_with("HTTP/1.1 400"));
  CHECK(slow.stream.output.ends_with("RequestTimeout"));
  CHECK(slow.http.phase() == Phase::farewell);
  slow.http.expire();
  CHECK(slow.http.phase() == Phase::over);
  Exchange idle;
  idle.http.expire();
  CHECK(idle.http.phase() == Phase::over);
  Exchange deaf;
  deaf.http.receive(as_bytes("GET /a HTTP/1.1\r\n\r\n"));
  deaf.http.expire();
  CHECK(deaf.http.phase() == Phase::over);
  CHECK(deaf.stream.output.empty());
}

TEST_CASE("A request can be turned away unseen") {
  Exchange on;
  on.http.receive(as_bytes("HEAD /a HTTP/1.1\r\n\r\n"));
  on.http.turn_away(s3_error(S3Code::slow_down, "later"));
  CHECK(on.stream.output == "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\nConnection: close\r\n\r\n");
  CHECK(on.http.phase() == Phase::farewell);
  CHECK(on.stream.finished);
}

TEST_CASE("Peers that go away before a request is whole get no answer") {
  CHECK(served({}).output.empty());
  CHECK(served({"GET /a HTT"}).output.empty());
}

TEST_CASE("A server that stops begins no answer") {
  Exchange on;
  on.http.receive(as_bytes("GET /a HTTP/1.1\r\n\r\n"));
  on.stop.request_stop();
  on.http.answer();
  CHECK(on.http.phase() == Phase::over);
  CHECK(on.stream.output.empty());
}

TEST_CASE("A server that stops takes no more of a body, and says that it can be sent again") {
  class StoppingService final : public HttpService {
   public:
    void serve(IncomingRequest& request, Responder& responder) override {
      std::array<std::byte, 2> piece;
      CHECK(request.read_body(piece).value() == 2);
      stop.request_stop();
      const auto stopped = request.read_body(piece);
      REQUIRE_FALSE(stopped);
      refuse(as_s3_error(stopped.error()), responder);
    }
    void refuse(const Error& reason, Responder& responder) override {
      CHECK(responder.begin({.status = reason.http_status(), .content_length = 0}));
    }
    std::stop_source stop;
  };
  StoppingService service;
  ScriptedStream stream({"PUT /a HTTP/1.1\r\nContent-Length: 6\r\n\r\n123456"});
  HttpConnection http(stream, service, service.stop.get_token());
  stream.drive(http);
  CHECK(stream.output.starts_with("HTTP/1.1 503"));
  CHECK(stream.output.find("Connection: close") != std::string::npos);
}
