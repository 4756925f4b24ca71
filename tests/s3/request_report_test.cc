// What the caller's observer is told of every attempt, and what it never is; and who the service is told is asking.
#include <audiostore/request_metrics.h>

#include "scripted_store.h"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

struct ObservedStore : ScriptedStore {
  std::vector<RequestMetrics> seen;
  ObservedStore() {
    options.on_request = [this](const RequestMetrics& metrics) { seen.push_back(metrics); };
    remake();
  }
};

}  // namespace

TEST_CASE("each attempt is told of when it has ended, with what it was and what became of it") {
  ObservedStore s;
  s.transport->answer(stored("", {{"x-amz-request-id", "R7"}}));
  REQUIRE(s.store->put(take, Payload::from_string("RIFF")));
  REQUIRE(s.seen.size() == 1);
  const RequestMetrics& put = s.seen[0];
  CHECK(put.operation == "PutObject");
  CHECK(put.method == "PUT");
  CHECK(put.host == "takes.s3.eu-central-1.amazonaws.com");
  CHECK(put.key == take.str());
  CHECK(put.attempt == 1);
  CHECK(put.retry_delay == 0ms);
  CHECK(put.http_status == 200);
  CHECK_FALSE(put.error);
  CHECK(put.request_id == "R7");
  CHECK(put.bytes_sent == 4);
  CHECK(put.bytes_received == 0);
}

TEST_CASE("bytes that come are counted, and the time that it took") {
  ObservedStore s;
  auto answer = stored("0123456789");
  answer.before = [&] { s.clock->advance(1500us); };
  s.transport->answer(answer);
  std::string bytes;
  REQUIRE(s.store->get(take, into(bytes)));
  CHECK(s.seen.at(0).operation == "GetObject");
  CHECK(s.seen.at(0).bytes_received == 10);
  CHECK(s.seen.at(0).bytes_sent == 0);
  CHECK(s.seen.at(0).duration == 1500us);
}

TEST_CASE("retries are numbered, with the pause before them; the caller's observer is no part of the wait") {
  ObservedStore s;
  s.transport->answer(refusal(503, "SlowDown"));
  s.transport->answer(no_answer());
  s.transport->answer(stored());
  REQUIRE(s.store->head(take));
  REQUIRE(s.seen.size() == 3);
  CHECK(s.seen[0].http_status == 503);
  CHECK(s.seen[0].error == ErrorCode::rate_limited);
  CHECK(s.seen[0].service_code == "SlowDown");
  CHECK(s.seen[0].request_id == "R1");
  CHECK(s.seen[0].bytes_received > 0);
  CHECK(s.seen[1].attempt == 2);
  CHECK(s.seen[1].http_status == 0);
  CHECK(s.seen[1].error == ErrorCode::unavailable);
  CHECK(s.seen[1].retry_delay == 1000ms);
  CHECK(s.seen[2].attempt == 3);
  CHECK(s.seen[2].retry_delay == 2000ms);
  CHECK_FALSE(s.seen[2].error);
}

TEST_CASE("requests to the bucket have no key, and an error in a 200 is one") {
  ObservedStore s;
  s.transport->answer({.body = "<Error><Code>AccessDenied</Code></Error>"});
  REQUIRE_FALSE(s.store->list({.prefix = "users/"}));
  CHECK(s.seen.at(0).operation == "ListObjectsV2");
  CHECK(s.seen.at(0).key.empty());
  CHECK(s.seen.at(0).error == ErrorCode::permission_denied);
  CHECK(s.seen.at(0).http_status == 200);
}

TEST_CASE("what is put right at once is an attempt too, without a pause") {
  ObservedStore s;
  s.transport->answer(refusal(503, "SlowDown"));
  s.transport->answer({.status = 301,
                       .headers = {{"x-amz-bucket-region", "us-west-2"}},
                       .body = "<Error><Code>PermanentRedirect</Code></Error>"});
  s.transport->answer(stored());
  REQUIRE(s.store->head(take));
  REQUIRE(s.seen.size() == 3);
  CHECK(s.seen[1].http_status == 301);
  CHECK(s.seen[1].retry_delay == 1000ms);
  CHECK(s.seen[2].attempt == 3);
  CHECK(s.seen[2].retry_delay == 0ms);
  CHECK(s.seen[2].host == "takes.s3.us-west-2.amazonaws.com");
}

TEST_CASE("S11: nothing secret gets to the observer, not even from a service that repeats it") {
  ObservedStore s;
  const std::string token = "a-session-token-that-nobody-may-see";
  s.options.credentials = static_credentials(
      {.access_key_id = "AKID", .secret_access_key = Secret("the-secret-key"), .session_token = Secret(token)});
  s.remake();
  s.transport->answer(stored("", {{"x-amz-request-id", token}}));
  s.transport->answer(
      {.status = 403, .body = "<Error><Code>" + token + "</Code><RequestId>" + token + "</RequestId></Error>"});
  REQUIRE(s.store->head(take));
  REQUIRE_FALSE(s.store->put(take, Payload()));
  for (const RequestMetrics& metrics : s.seen) {
    for (const std::string* text : {&metrics.operation, &metrics.method, &metrics.host, &metrics.key,
                                    &metrics.service_code, &metrics.request_id}) {
      CHECK(text->find(token) == std::string::npos);
      CHECK(text->find("X-Amz-") == std::string::npos);
    }
  }
}

TEST_CASE("an observer that throws changes nothing") {
  ScriptedStore s;
  s.options.on_request = [](const RequestMetrics&) { throw std::runtime_error("the log is full"); };
  s.remake();
  s.transport->answer(refusal(503, "SlowDown"));
  s.transport->answer(stored());
  CHECK(s.store->head(take));
  CHECK(s.requests() == 2);
}

TEST_CASE("the program's own name goes behind the library's, unsigned") {
  ScriptedStore s;
  s.transport->answer(stored());
  REQUIRE(s.store->head(take));
  CHECK(s.header(0, "User-Agent").empty());  // the transport's own
  s.options.user_agent_suffix = "take-recorder/1.2 linux";
  s.remake();
  s.transport->answer(stored());
  REQUIRE(s.store->head(take));
  const std::string agent = s.header(1, "User-Agent");
  CHECK(agent.starts_with("audiostore/"));
  CHECK(agent.ends_with(" take-recorder/1.2 linux"));
  CHECK(s.header(1, "Authorization").find("user-agent") == std::string::npos);
}

TEST_CASE("S9: a name that is no list of products is refused") {
  for (const std::string& bad : {std::string("a\r\nX: y"), std::string(" a"), std::string("a "), std::string("a  b"),
                                 std::string("a/"), std::string("/1"), std::string("a/b/c"), std::string("(comment)"),
                                 std::string(129, 'a'), std::string("\u00e9")}) {
    CAPTURE(bad);
    ScriptedStore s;
    s.options.user_agent_suffix = bad;
    CHECK(code_of(make_s3_store(s.options)) == ErrorCode::invalid_argument);
  }
}
