// Faults that show only on the wire, through the whole of the S3 store.
#include <audiostore/s3_store.h>

#include "support/manual_clock.h"
#include "support/scripted_transport.h"
#include "support/tcp_server.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <chrono>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

const ObjectKey take = *ObjectKey::parse("users/1/take.wav");

std::unique_ptr<ObjectStore> store_over(std::shared_ptr<HttpTransport> transport, std::string endpoint) {
  return make_s3_store({.bucket = "takes",
                        .credentials = static_credentials({.access_key_id = "A", .secret_access_key = Secret("s")}),
                        .region = "us-east-1",
                        .endpoint = std::move(endpoint),
                        .addressing = AddressingStyle::path,
                        .retry = {.max_attempts = 1},  // each answer is looked at by itself
                        .transport = std::move(transport),
                        .clock = std::make_shared<ManualClock>()})
      .value();
}

std::unique_ptr<ObjectStore> store_at(const TcpServer& server, CurlTransportOptions options = {}) {
  return store_over(make_curl_transport(std::move(options)).value(), server.url(""));
}

ByteSink discard() {
  return [](ByteSpan) -> Result<void> { return {}; };
}

/// The error of a get from `server`, which answers 503 and then does something odd with the body.
Error refusal_of(TcpServer& server, CurlTransportOptions options = {}) {
  const auto result = store_at(server, std::move(options))->get(take, discard(), {.call = {.deadline = 60s}});
  REQUIRE_FALSE(result);
  return result.error();
}

constexpr const char* slow_down_head = "HTTP/1.1 503 Slow Down\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(std::string_view text) { return fmt::format("{:x}\r\n{}\r\n", text.size(), text); }

}  // namespace

TEST_CASE("F6: blanks before the XML of a success are waited through, in any number of pieces") {
  for (const char* declaration : {"", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"}) {
    TcpServer server([&](TcpConnection& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (const char* piece :
           {"\n", " ", "\n\n", declaration, "\n", "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"}) {
        if (*piece != '\0') connection.send_bytewise(chunk(piece));
      }
      connection.send("0\r\n\r\n");
    });
    const auto copied = store_at(server)->copy(take, *ObjectKey::parse("b"));
    REQUIRE(copied);
    CHECK(copied->etag == "\"e\"");
  }
}

TEST_CASE("F25: a put that is reset half way is an error, and put again is whole") {
  const std::string take_bytes(3'000'000, 't');
  TcpServer server([](TcpConnection& connection) {
    if (connection.index() == 0) {
      connection.read_head();
      connection.read_some();
      connection.reset();
    } else if (connection.read_request()) {
      connection.send(http_response(200, "", "ETag: \"e\"\r\n"));
    }
  });
  const auto store = store_at(server);
  const Payload payload = Payload::from_string(take_bytes);
  const auto cut = store->put(take, payload);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code() == ErrorCode::unavailable);
  CHECK(cut.error().retryable());
  CHECK(cut.error().operation() == "put");
  CHECK(cut.error().key() == take.str());
  CHECK(store->put(take, payload)->etag == "\"e\"");
  CHECK(server.requests().back().ends_with("\r\n\r\n" + take_bytes));
}

TEST_CASE("F18: a refusal whose body never ends is judged by its first 64 KiB") {
  const std::string code = chunk("<Error><Code>SlowDown</Code><RequestId>r1</RequestId><Message>");
  for (const std::string& begin : {code, std::string()}) {
    TcpServer server([&](TcpConnection& connection) {
      connection.read_request();
      connection.send(slow_down_head + begin);
      connection.send_for_ever(chunk(std::string(1000, ' ')));
    });
    const auto started = std::chrono::steady_clock::now();
    const Error error = refusal_of(server, {.refusal_timeout = 0ms});  // the bytes alone must end it
    CHECK(std::chrono::steady_clock::now() - started < 30s);
    CHECK(error.http_status() == 503);
    CHECK(error.code() == (begin.empty() ? ErrorCode::unavailable : ErrorCode::rate_limited));
    CHECK(error.request_id() == (begin.empty() ? "" : "r1"));
    CHECK(error.retryable());
  }
}

TEST_CASE("F18: a refusal whose body stalls, ends early or is malformed is judged by what came of it") {
  for (const char* end : {"stall", "cut", "malformed"}) {
    CAPTURE(end);
    TcpServer server([end = std::string(end)](TcpConnection& connection) {
      connection.read_request();
      connection.send(slow_down_head + chunk("<Error><Code>SlowDown</Code><Mess"));
      if (end == "stall") connection.stall();
      if (end == "malformed") connection.send("xyz\r\n");
    });
    const Error error = refusal_of(server, {.refusal_timeout = 50ms});
    CHECK(error.http_status() == 503);
    CHECK(error.service_code() == "SlowDown");
  }
}

TEST_CASE("F18: after a refusal that did not end, the next request goes over another connection") {
  TcpServer server([](TcpConnection& connection) {
    connection.read_request();
    if (connection.index() > 0) {
      connection.send(http_response(204));
      return;
    }
    connection.send(slow_down_head + chunk("<Error>"));
    connection.send_for_ever(chunk("x"));
  });
  const auto store = store_at(server, {.refusal_timeout = 50ms});
  CHECK(store->remove(take).error().http_status() == 503);
  CHECK(store->remove(take));
  CHECK(server.accepted() == 2);
}

TEST_CASE("F18: what the caller wants comes before what a server still has to say") {
  for (const ErrorCode code : {ErrorCode::cancelled, ErrorCode::internal, ErrorCode::timed_out}) {
    struct Ending final : HttpTransport {
      explicit Ending(ErrorCode code) : code_(code) {}
      Result<HttpResponse> send(const HttpRequest&, const ResponseHandler& handler) override {
        REQUIRE(handler({.status = 403, .headers = {}}));
        return Error(code_, "ended");
      }
      ErrorCode code_;
    };
    const auto result = store_over(std::make_shared<Ending>(code), "https://localhost")->head(take);
    REQUIRE_FALSE(result);
    CHECK(result.error().code() == (code == ErrorCode::timed_out ? ErrorCode::permission_denied : code));
  }
}

TEST_CASE("F18: 50 MB of refusal cost no memory and keep the status") {
  const auto transport = std::make_shared<ScriptedTransport>();
  transport->answer({.status = 502, .body = "<html>" + std::string(50'000'000, 'x')});
  const auto result = store_over(transport, "https://localhost")->head(take);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::unavailable);
  CHECK(result.error().http_status() == 502);
  CHECK(result.error().to_string().size() < 500);
}
