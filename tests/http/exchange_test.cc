#include "http/exchange.h"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <string>
#include <vector>

using namespace audiostore;

namespace {

/// An exchange with what it needs, and what it told.
struct Told {
  explicit Told(std::string method, std::string body = {})
      : request{std::move(method), "http://h/", {}, Payload::from_string(std::move(body)), {}} {
    request.call.on_progress = [this](const Progress& now) { progress.push_back(now); };
  }

  HttpRequest request;
  std::vector<Progress> progress;
  std::string received;
  ResponseHandler handler = [this](const HttpResponse&) {
    return ByteSink([this](ByteSpan bytes) -> Result<void> {
      received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    });
  };
};

bool feed_head(Exchange& exchange, std::string_view fields) {
  return exchange.take_header_line("HTTP/1.1 200 OK\r\n") && exchange.take_header_line(fields) &&
         exchange.take_header_line("\r\n");
}

}  // namespace

TEST_CASE("F18 only the body of a refusal has its own limit, and it runs out though nothing moves") {
  const ExchangeLimits limits{.max_header_bytes = 4096, .refusal_timeout = std::chrono::milliseconds(1)};
  Told told("GET");
  Exchange refused(told.request, told.handler, limits);
  REQUIRE(refused.take_header_line("HTTP/1.1 503 Slow Down\r\n"));
  REQUIRE(refused.take_header_line("\r\n"));
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (refused.advance(0)) REQUIRE(std::chrono::steady_clock::now() < patience);
  const auto result = refused.finish();
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::timed_out);
  CHECK(result.error().http_status() == 503);

  Exchange unlimited(told.request, told.handler, {.max_header_bytes = 4096});
  REQUIRE(unlimited.take_header_line("HTTP/1.1 503 Slow Down\r\n"));
  Exchange accepted(told.request, told.handler, limits);
  REQUIRE(feed_head(accepted, "X: y\r\n"));
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(3);
  while (std::chrono::steady_clock::now() < later) REQUIRE((unlimited.advance(0) && accepted.advance(0)));
}

TEST_CASE("F26 an exchange that ends early is corrupt and may be tried again") {
  Told told("GET");
  Exchange exchange(told.request, told.handler, {.max_header_bytes = 4096});
  REQUIRE(feed_head(exchange, "Content-Length: 5\r\n"));
  REQUIRE(exchange.take_body(as_bytes("1234")));
  CHECK_FALSE(exchange.has_whole_response());
  const auto result = exchange.finish();
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::corrupt);
  CHECK(result.error().retryable());
  CHECK(result.error().message().find("4 of 5") != std::string::npos);
}

TEST_CASE("F29 no byte beyond the announced length reaches the sink") {
  Told told("GET");
  Exchange exchange(told.request, told.handler, {.max_header_bytes = 4096});
  REQUIRE(feed_head(exchange, "Content-Length: 3\r\n"));
  REQUIRE(exchange.take_body(as_bytes("abc")));
  CHECK(exchange.has_whole_response());
  CHECK_FALSE(exchange.take_body(as_bytes("d")));
  CHECK(told.received == "abc");
  const auto result = exchange.finish();
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::corrupt);
  CHECK_FALSE(result.error().retryable());
}

TEST_CASE("F39 a body without a head, or nothing at all, is unavailable") {
  Told told("GET");
  Exchange headless(told.request, told.handler, {.max_header_bytes = 4096});
  CHECK_FALSE(headless.take_body(as_bytes("x")));
  CHECK(headless.finish().error().code() == ErrorCode::unavailable);
  Exchange empty(told.request, told.handler, {.max_header_bytes = 4096});
  CHECK(empty.finish().error().code() == ErrorCode::unavailable);
  CHECK(told.received.empty());
}

TEST_CASE("Progress never falls, even when the body is sent a second time, and ends with all of it") {
  Told told("PUT", "0123456789");
  Exchange exchange(told.request, told.handler, {.max_header_bytes = 4096});
  std::array<std::byte, 8> buffer;
  CHECK(exchange.give_body(buffer) == 8U);
  CHECK(exchange.advance(8));
  CHECK(exchange.rewind_body(0));
  CHECK(exchange.advance(0));
  CHECK(exchange.give_body(buffer) == 8U);
  CHECK(exchange.give_body(buffer) == 2U);
  CHECK(exchange.give_body(buffer) == 0U);
  CHECK_FALSE(exchange.rewind_body(11));
  CHECK(exchange.advance(10));
  REQUIRE(feed_head(exchange, "Content-Length: 0\r\n"));
  REQUIRE(exchange.finish());
  REQUIRE(told.progress.size() == 2);
  CHECK(told.progress[0].done == 8);
  CHECK(told.progress[1].done == 10);
}

TEST_CASE("The end of a download is reported") {
  Told told("GET");
  Exchange exchange(told.request, told.handler, {.max_header_bytes = 4096});
  REQUIRE(feed_head(exchange, "Content-Length: 4\r\n"));
  REQUIRE(exchange.take_body(as_bytes("1234")));
  CHECK(told.progress.empty());
  REQUIRE(exchange.finish());
  REQUIRE(told.progress.size() == 1);
  CHECK(told.progress[0].done == 4);
  CHECK(told.progress[0].total == 4);
}

TEST_CASE("Nothing goes on after a failure, and the first one is told") {
  Told told("GET");
  Exchange exchange(told.request, told.handler, {.max_header_bytes = 30});
  CHECK_FALSE(feed_head(exchange, "X-Long: 0123456789012345678901234567890\r\n"));
  CHECK_FALSE(exchange.take_header_line("\r\n"));
  CHECK_FALSE(exchange.take_body(as_bytes("x")));
  CHECK_FALSE(exchange.advance(0));
  CHECK(exchange.finish().error().message().find("30 bytes") != std::string::npos);
}
