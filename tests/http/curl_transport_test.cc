// What goes over the wire, how connections are shared, and what callbacks of the caller may do.
#include "http/fetch.h"
#include "support/scoped_env.h"
#include "support/tcp_server.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace audiostore;

namespace {

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class ThrowingSource final : public PayloadSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 10; }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte>) const override {
    throw std::runtime_error("tape torn");
  }
};

}  // namespace

TEST_CASE("A PUT goes over the wire as it is") {
  TcpServer server(answering(http_response(200)));
  HttpRequest put = request("PUT", server.url("/a/../b/./c//d%2f%C3%A9~'(x)?q=/../&r"), "hello");
  put.headers = {{"x-amz-meta-empty", ""}, {"x-amz-meta-a", "1"}, {"x-amz-meta-a", "2"}};
  CHECK(fetch(put).status() == 200);
  const std::string raw = server.requests().at(0);
  CHECK(raw.starts_with("PUT /a/../b/./c//d%2f%C3%A9~'(x)?q=/../&r HTTP/1.1\r\nHost: " + server.authority() + "\r\n"));
  CHECK(raw.ends_with("\r\n\r\nhello"));
  CHECK(count_of(raw, "\r\nContent-Length: 5\r\n") == 1);
  CHECK(count_of(raw, "ontent-") == 1);  // no Content-Type, no second length
  CHECK(count_of(raw, "\r\nUser-Agent: audiostore/") == 1);
  CHECK(count_of(raw, "\r\nx-amz-meta-empty:\r\n") == 1);
  CHECK(count_of(raw, "\r\nx-amz-meta-a: 1\r\nx-amz-meta-a: 2\r\n") == 1);
  for (const char* unwanted : {"Expect", "Accept-Encoding", "Transfer-Encoding", "Cookie", "Authorization"}) {
    CHECK(count_of(raw, unwanted) == 0);
  }
}

TEST_CASE("A User-Agent of the caller's own replaces the transport's") {
  TcpServer server(answering(http_response(200)));
  HttpRequest get = request("GET", server.url("/x"));
  get.headers = {{"User-Agent", "audiostore/9 app/1.2"}};
  CHECK(fetch(get).status() == 200);
  const std::string raw = server.requests().at(0);
  CHECK(count_of(raw, "User-Agent:") == 1);
  CHECK(count_of(raw, "\r\nUser-Agent: audiostore/9 app/1.2\r\n") == 1);
}

TEST_CASE("Every method says what it carries, on one handle in any order") {
  TcpServer server(answering("HTTP/1.1 204 No Content\r\n\r\n"));
  const auto over = transport();
  std::size_t sent = 0;
  for (const char* method : {"GET", "PUT", "HEAD", "DELETE", "POST", "OPTIONS", "PUT", "GET", "POST", "HEAD"}) {
    CAPTURE(method);
    CHECK(fetch(*over, request(method, server.url("/x"))).status() == 204);
    const std::string raw = server.requests().at(sent++);
    CHECK(raw.starts_with(std::string(method) + " /x HTTP/1.1\r\n"));
    const bool carries = method == std::string("PUT") || method == std::string("POST");
    CHECK(count_of(raw, "\r\nContent-Length: 0\r\n") == (carries ? 1 : 0));
    CHECK(count_of(raw, "Content-") == (carries ? 1 : 0));
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE("A large body arrives whole, and so does a large reply") {
  std::string large(3'000'001, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 3U);
  TcpServer server([&](TcpConnection& connection) {
    while (const auto received = connection.read_request()) {
      connection.send(http_response(200, received->substr(received->find("\r\n\r\n") + 4)));
    }
  });
  std::vector<Progress> seen;
  HttpRequest post = request("POST", server.url(), large);
  post.call.on_progress = [&](const Progress& progress) { seen.push_back(progress); };
  const Fetched echoed = fetch(post);
  CHECK(echoed.status() == 200);
  CHECK(echoed.body == large);
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.back().done == large.size());
  for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i - 1].done < seen[i].done);
  for (const Progress& progress : seen) CHECK(progress.total == large.size());
}

TEST_CASE("The progress of a download counts the response") {
  TcpServer server(answering(http_response(200, std::string(1'000'000, 'x'))));
  Progress last;
  HttpRequest get = request("GET", server.url());
  get.call.on_progress = [&](const Progress& progress) { last = progress; };
  CHECK(fetch(get).status() == 200);
  CHECK(last.done == 1'000'000);
  CHECK(last.total == 1'000'000);
}

TEST_CASE("Any status is a response, and the handler hears of it once") {
  for (const int status : {200, 206, 301, 404, 412, 500, 503, 999}) {
    TcpServer server(answering(http_response(status, "why", "X-A: b\r\n")));
    const Fetched got = fetch(server.url());
    CHECK(got.status() == status);
    CHECK(got.body == "why");
    CHECK(got.handler_calls == 1);
    CHECK(find_header(got.result->headers, "x-a") == "b");
  }
}

TEST_CASE("HEAD and 304 have no body, whatever they announce") {
  TcpServer server(answering("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"));
  const auto over = transport();
  for (const char* method : {"HEAD", "GET", "HEAD"}) {
    const Fetched got = fetch(*over, request(method, server.url()));
    CHECK(got.status() == 304);
    CHECK(got.handler_calls == 1);
    CHECK(got.result->length_known);
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE("Interim responses are not shown to the handler") {
  TcpServer server(
      answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + http_response(200, "x")));
  const Fetched got = fetch(server.url());
  CHECK(got.body == "x");
  CHECK(got.handler_calls == 1);
  CHECK_FALSE(find_header(got.result->headers, "A"));
}

TEST_CASE("F38 what interim responses say of a body concerns no other") {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const std::string& reply :
       {"Content-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\n" + chunked + "\r\n5\r\nabcde\r\n0\r\n\r\n",
        "Content-Length: 3\r\n\r\n" + http_response(200, "abcde"),
        chunked + "Connection: close\r\n\r\n" + http_response(200, "abcde")}) {
    CAPTURE(reply);
    TcpServer server(answering("HTTP/1.1 103 Hints\r\n" + reply));
    CHECK(fetch(server.url()).body == "abcde");
  }
}

TEST_CASE("A chunked body is put together and its trailers are dropped") {
  TcpServer server(
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n"));
  const Fetched got = fetch(server.url());
  CHECK(got.body == "abcde");
  CHECK(got.result->length_known);
  CHECK_FALSE(find_header(got.result->headers, "Trailer"));
}

TEST_CASE("100 requests in a row share one connection") {
  TcpServer server(answering(http_response(200, "x")));
  const auto over = transport();
  for (int i = 0; i < 100; ++i) {
    REQUIRE(fetch(*over, request(i % 2 == 0 ? "PUT" : "GET", server.url(), i % 2 == 0 ? "y" : "")).status() == 200);
  }
  CHECK(server.requests().size() == 100);
  CHECK(server.accepted() == 1);
}

TEST_CASE("8 threads share at most 8 connections") {
  TcpServer server(answering(http_response(200, "x")));
  const auto over = transport();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const ResponseHandler ignore = [](const HttpResponse&) {
        return ByteSink([](ByteSpan) { return Result<void>(); });
      };
      for (int i = 0; i < 25; ++i) good += over->send(request("PUT", server.url(), "body"), ignore).has_value() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 200);
  CHECK(server.requests().size() == 200);
  CHECK(server.accepted() <= 8);
}

TEST_CASE("Idle connections are bounded in number and age") {
  TcpServer server(answering(http_response(200)));
  const auto none = transport({.max_idle_connections = 0});
  for (int i = 0; i < 3; ++i) REQUIRE(fetch(*none, request("GET", server.url())).status() == 200);
  CHECK(server.accepted() == 3);
  const auto young = transport({.max_idle_age = std::chrono::seconds(0)});
  for (int i = 0; i < 3; ++i) REQUIRE(fetch(*young, request("GET", server.url())).status() == 200);
  CHECK(server.accepted() == 6);
}

TEST_CASE("What the handler and the sink say ends the exchange") {
  TcpServer server(answering(http_response(200, "body")));
  const auto over = transport();
  const auto get = request("GET", server.url());
  const auto refused = over->send(get, [](const HttpResponse&) { return Error(ErrorCode::not_found, "no"); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::not_found);
  const auto full = over->send(
      get, [](const HttpResponse&) { return ByteSink([](ByteSpan) { return Error(ErrorCode::no_space, "full"); }); });
  REQUIRE_FALSE(full);
  CHECK(full.error().code() == ErrorCode::no_space);
  CHECK(fetch(*over, get).body == "body");  // and leaves nothing behind on a connection
}

TEST_CASE("Whatever the caller throws comes back as an error") {
  TcpServer server(answering(http_response(200, "body")));
  const auto over = transport();
  HttpRequest get = request("GET", server.url());
  const auto message = [&](const HttpRequest& sent, const ResponseHandler& handler) {
    const auto result = over->send(sent, handler);
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == ErrorCode::internal);
    return result.error().message();
  };
  const ResponseHandler good = [](const HttpResponse&) { return ByteSink([](ByteSpan) { return Result<void>(); }); };
  CHECK(message(get, [](const HttpResponse&) -> Result<ByteSink> { throw std::runtime_error("h1"); }).find("h1") !=
        std::string::npos);
  CHECK(message(get, [](const HttpResponse&) {
          return ByteSink([](ByteSpan) -> Result<void> { throw 7; });
        }).find("sink") != std::string::npos);
  CHECK(message(get, {}).find("handler") != std::string::npos);
  CHECK(message(get, [](const HttpResponse&) { return ByteSink(); }).find("sink") != std::string::npos);
  get.call.on_progress = [](const Progress&) { throw std::runtime_error("p1"); };
  CHECK(message(get, good).find("p1") != std::string::npos);
  HttpRequest put = request("PUT", server.url());
  put.body = Payload(std::make_shared<ThrowingSource>());
  CHECK(message(put, good).find("tape torn") != std::string::npos);
}

TEST_CASE("S10 no proxy is taken from the environment, only from the options") {
  TcpServer server(answering(http_response(200, "direct")));
  TcpServer trap(answering(http_response(200, "trapped")));
  const ScopedEnv http_proxy("http_proxy", trap.url());
  const ScopedEnv all_proxy("ALL_PROXY", trap.url());
  CHECK(fetch(server.url()).body == "direct");
  CHECK(trap.accepted() == 0);
  const ScopedEnv no_proxy("no_proxy", "*");
  CHECK(fetch(*transport({.proxy = trap.url("")}), request("GET", server.url("/x"))).body == "trapped");
  CHECK(trap.requests().at(0).starts_with("GET " + server.url("/x") + " HTTP/1.1\r\n"));
}

TEST_CASE("F8 F10 S10 a redirect is a response and is not followed") {
  TcpServer other(answering(http_response(200)));
  TcpServer server(answering(http_response(307, "", "Location: " + other.url("/stolen") + "\r\n")));
  HttpRequest put = request("PUT", server.url(), "body");
  put.headers = {{"Authorization", "AWS4-HMAC-SHA256 secret"}};
  CHECK(fetch(put).status() == 307);
  CHECK(other.accepted() == 0);
}

TEST_CASE("S10 user information in a URL is refused before anything is sent") {
  TcpServer server(answering(http_response(200)));
  CHECK(fetch("http://user:secret@" + server.authority() + "/").error().code() == ErrorCode::invalid_argument);
  CHECK(server.accepted() == 0);
}

TEST_CASE("Content codings are delivered as stored") {
  TcpServer server(
      answering(http_response(200, "\x1f\x8b not gzip at all", "Content-Encoding: gzip, deflate, gzip\r\n")));
  CHECK(fetch(server.url()).body == "\x1f\x8b not gzip at all");
}
