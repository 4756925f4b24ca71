#include "core/crypto.h"
#include "s3/provider.h"
#include "s3/s3_client.h"
#include "scripted_store.h"
#include "support/tcp_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

/// A service that answers every request alike, from many threads, and counts them.
class UniformTransport final : public HttpTransport {
 public:
  std::atomic<int> status = 503;
  std::atomic<int> requests = 0;

  Result<HttpResponse> send(const HttpRequest&, const ResponseHandler& handler) override {
    ++requests;
    const HttpResponse response{.status = status, .headers = stored().headers};
    if (auto sink = handler(response); !sink) return sink.error();
    return response;
  }
};

}  // namespace

TEST_CASE("F1: in a storm of 503s a client stops hammering, and recovers without a restart") {
  constexpr int threads = 50;
  constexpr int puts_each = 20;
  const auto transport = std::make_shared<UniformTransport>();
  ScriptedStore s;
  s.options.transport = transport;
  s.remake();
  std::atomic<int> attempts_reported = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < threads; ++i) {
      clients.emplace_back([&] {
        for (int n = 0; n < puts_each; ++n) attempts_reported += s.store->put(take, Payload()).error().attempts();
      });
    }
  }
  CHECK(transport->requests == threads * puts_each + 500 / 5);
  CHECK(attempts_reported == transport->requests);
  CHECK(s.store->put(take, Payload()).error().attempts() == 1);

  transport->status = 200;
  for (int i = 0; i < 10; ++i) REQUIRE(s.store->put(take, Payload()));  // each gives back 1
  transport->status = 503;
  CHECK(s.store->put(take, Payload()).error().attempts() == 3);
  CHECK(s.store->put(take, Payload()).error().attempts() == 1);
}

TEST_CASE("F1: a success gives back what its retry cost, and a time-out costs more") {
  ScriptedStore s;
  s.options.retry.quota = 12;
  s.remake();
  const auto put = [&](std::vector<ScriptedTransport::Answer> answers) {
    for (auto& answer : answers) s.transport->answer(std::move(answer));
    return s.store->put(take, Payload());
  };
  const auto busy = refusal(503, "SlowDown");
  REQUIRE(put({busy, stored()}));                                               // 12 - 5 + 5
  REQUIRE(put({busy, busy, stored()}));                                         // 12 - 5 - 5 + 5
  CHECK(put({busy, busy}).error().attempts() == 2);                             // 7 - 5, not enough for another
  for (int i = 0; i < 8; ++i) REQUIRE(put({stored()}));                         // 2 + 8
  CHECK(put({no_answer(ErrorCode::timed_out), busy}).error().attempts() == 2);  // 10 - 10
  CHECK(put({no_answer(ErrorCode::timed_out)}).error().attempts() == 1);
}

TEST_CASE("F1: Retry-After is honoured, and capped") {
  ScriptedStore s;
  const auto busy = [](std::string after) { return refusal(503, "SlowDown", {{"Retry-After", std::move(after)}}); };
  s.transport->answer(busy("7"));
  s.transport->answer(busy(http_date(s.clock->now() + 7s + 11s)));
  s.transport->answer(stored());
  REQUIRE(s.store->put(take, Payload()));
  s.transport->answer(busy("3600"));
  s.transport->answer(busy("0"));
  s.transport->answer(stored());
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.waits_ms() == std::vector<long>{7'000, 11'000, 20'000, 2'000});
}

TEST_CASE("F2: a server that fails is asked three times, with growing pauses, and then the last error counts") {
  for (const int status : {500, 502, 503, 504}) {
    ScriptedStore s;
    for (int i = 0; i < 2; ++i) s.transport->on("PutObject", {.status = status});
    s.transport->on("PutObject", stored());
    REQUIRE(s.store->put(take, Payload::from_string("RIFF")));
    CHECK(s.waits_ms() == std::vector<long>{1'000, 2'000});
    REQUIRE(s.requests() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(s.transport->sent()[i].body == "RIFF");

    for (int i = 0; i < 3; ++i) s.transport->on("HeadObject", {.status = status});
    const auto head = s.store->head(take);
    CHECK(code_of(head) == ErrorCode::unavailable);
    CHECK(head.error().http_status() == status);
    CHECK(head.error().attempts() == 3);
    CHECK(s.requests() == 6);
  }
}

TEST_CASE("F2: every attempt is signed for its own time, with the credentials of that moment") {
  struct Rotating final : CredentialsProvider {
    Result<std::shared_ptr<const Credentials>> get() override {
      return std::make_shared<const Credentials>(
          Credentials{.access_key_id = fmt::format("AKID{}", ++asked), .secret_access_key = Secret("s")});
    }
    int asked = 0;
  };
  ScriptedStore s;
  s.options.credentials = std::make_shared<Rotating>();
  s.remake();
  s.transport->answer({.status = 500});
  s.transport->answer({.status = 500});
  s.transport->answer(stored());
  REQUIRE(s.store->head(take));
  CHECK(s.header(0, "x-amz-date") == "20130524T000000Z");
  CHECK(s.header(1, "x-amz-date") == "20130524T000001Z");
  CHECK(s.header(2, "x-amz-date") == "20130524T000003Z");
  CHECK(s.header(0, "Authorization").find("AKID1/") != std::string::npos);
  CHECK(s.header(2, "Authorization").find("AKID3/") != std::string::npos);
}

TEST_CASE("F3: throttling is retried by its code, whatever the status") {
  for (const char* code :
       {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException"}) {
    INFO(code);
    ScriptedStore s;
    s.transport->on("PutObject", refusal(400, code));
    s.transport->on("PutObject", stored());
    CHECK(s.store->put(take, Payload()));
    for (int i = 0; i < 3; ++i) s.transport->on("PutObject", refusal(400, code));
    CHECK(code_of(s.store->put(take, Payload())) == ErrorCode::rate_limited);
  }
  ScriptedStore s;
  s.transport->on("GetObject", {.status = 429});
  s.transport->on("GetObject", stored("abc"));
  std::string bytes;
  CHECK(s.store->get(take, into(bytes)));
  CHECK(bytes == "abc");
}

TEST_CASE("F4: a 200 with an error document is retried if its code says so, and never for a word in it") {
  const auto to = *ObjectKey::parse("b.wav");
  const auto in_200 = [](std::string_view code) { return refusal(200, code); };
  ScriptedStore s;
  s.transport->on("CopyObject", in_200("InternalError"));
  s.transport->on("CopyObject", in_200("SlowDown"));
  s.transport->on("CopyObject", {.body = "<CopyObjectResult><ETag>\"InternalError\"</ETag></CopyObjectResult>"});
  CHECK(must(s.store->copy(take, to)).etag == "\"InternalError\"");
  CHECK(s.requests() == 3);

  s.transport->on("CopyObject", in_200("AccessDenied"));
  CHECK(code_of(s.store->copy(take, to)) == ErrorCode::permission_denied);
  CHECK(s.requests() == 4);

  for (int i = 0; i < 3; ++i) s.transport->on("CopyObject", in_200("InternalError"));
  const auto failed = s.store->copy(take, to);
  CHECK(code_of(failed) == ErrorCode::unavailable);
  CHECK(failed.error().attempts() == 3);
}

TEST_CASE("F14: conditional writers that lose or meet are told so after one request") {
  ScriptedStore s;
  s.transport->answer(refusal(412, "PreconditionFailed"));
  CHECK(code_of(s.store->put(take, Payload(), {.mode = PutMode::create})) == ErrorCode::already_exists);
  s.transport->answer(refusal(412, "PreconditionFailed"));
  CHECK(code_of(s.store->put(take, Payload(), {.if_match = "\"e1\""})) == ErrorCode::precondition_failed);
  s.transport->answer(refusal(409, "ConditionalRequestConflict"));
  const auto met = s.store->put(take, Payload(), {.mode = PutMode::create});
  CHECK(code_of(met) == ErrorCode::conflict);
  CHECK(met.error().retryable());
  CHECK(s.requests() == 3);
}

TEST_CASE("F7: a refusal is one request") {
  for (const int status : {400, 401, 403, 404, 405, 409, 412, 416}) {
    INFO(status);
    ScriptedStore s;
    s.transport->on("PutObject", refusal(status, "Whatever"));
    const auto put = s.store->put(take, Payload());
    REQUIRE_FALSE(put);
    CHECK(put.error().http_status() == status);
    CHECK(put.error().service_code() == "Whatever");
    CHECK(put.error().request_id() == "R1");
    CHECK(put.error().attempts() == 1);
    CHECK(s.requests() == 1);
  }
}

TEST_CASE("F11: an upload that the service waited too long for is sent again from its beginning") {
  ScriptedStore s;
  s.transport->on("PutObject", refusal(400, "RequestTimeout"));
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload::from_string("RIFFdata")));
  REQUIRE(s.requests() == 2);
  CHECK(s.transport->sent()[1].body == "RIFFdata");
}

TEST_CASE(
    "F19: what a service does not have it will not have later: one request, and the error says whose limit it is") {
  ScriptedStore s;
  s.transport->on("PutObject", refusal(501, "NotImplemented"));
  const auto put = s.store->put(take, Payload());
  CHECK(code_of(put) == ErrorCode::unsupported);
  CHECK(put.error().attempts() == 1);
}

TEST_CASE("F20 F23: a refused, lost or stalled connection is tried again, broken TLS is not") {
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::timed_out}) {
    ScriptedStore s;
    s.transport->on("PutObject", no_answer(code));
    s.transport->on("PutObject", no_answer(code));
    s.transport->on("PutObject", stored());
    CHECK(s.store->put(take, Payload()));
    for (int i = 0; i < 3; ++i) s.transport->on("ListObjects", no_answer(code));
    const auto list = s.store->list();
    CHECK(code_of(list) == code);
    CHECK(list.error().attempts() == 3);
  }
  ScriptedStore s;
  s.transport->on("PutObject", no_answer(ErrorCode::permission_denied));
  CHECK(code_of(s.store->put(take, Payload())) == ErrorCode::permission_denied);
  CHECK(s.requests() == 1);
}

TEST_CASE("F24: what the caller's own sink says is final") {
  ScriptedStore s;
  s.transport->on("GetObject", stored("abc"));
  const auto full = s.store->get(take, [](ByteSpan) -> Result<void> { return Error(ErrorCode::unavailable, "mine"); });
  CHECK(full.error().message() == "mine");
  CHECK(s.requests() == 1);
}

TEST_CASE("F26: a small reply that was cut short is asked for again") {
  ScriptedStore s;
  s.transport->on("ListObjects", {.body = "<ListBuck",
                                  .failure = Error(ErrorCode::corrupt, "the body ended early").with_retryable(true)});
  s.transport->on("ListObjects", {.body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"});
  CHECK(s.store->list());
}

TEST_CASE("a call ends when the wait would outlast its deadline, with the last error and without waiting") {
  ScriptedStore s;
  s.transport->answer(refusal(503, "SlowDown", {{"Retry-After", "5"}}));
  const auto at_once = s.store->head(take, {.call = {.deadline = 5s}});
  CHECK(code_of(at_once) == ErrorCode::rate_limited);
  CHECK(at_once.error().attempts() == 1);
  CHECK(s.waits_ms().empty());

  // The deadline is that of all attempts together.
  s.transport->answer({.status = 500, .before = [&] { s.clock->advance(600ms); }});
  s.transport->answer({.status = 500, .before = [&] { s.clock->advance(400ms); }});
  const auto late = s.store->head(take, {.call = {.deadline = 4s}});
  CHECK(late.error().attempts() == 2);
  CHECK(s.request(1).call.deadline == 4s);
  CHECK(s.request(2).call.deadline == 2400ms);
}

TEST_CASE("the caller's own deadline is not a time-out that is retried") {
  ScriptedStore s;
  auto slow = no_answer(ErrorCode::timed_out);
  slow.before = [&] { s.clock->advance(5s); };
  s.transport->answer(slow);
  s.options.retry.max_backoff = 0ms;
  s.remake();
  CHECK(code_of(s.store->head(take, {.call = {.deadline = 5s}})) == ErrorCode::timed_out);
  CHECK(s.requests() == 1);
}

TEST_CASE("a stop request ends the wait for the next attempt") {
  ScriptedStore s;
  std::stop_source stop;
  s.clock->while_waiting = [&] { stop.request_stop(); };
  s.transport->answer({.status = 503});
  const auto stopped = s.store->head(take, {.call = {.stop = stop.get_token()}});
  CHECK(code_of(stopped) == ErrorCode::cancelled);
  CHECK(stopped.error().attempts() == 1);
  CHECK(s.requests() == 1);
}

TEST_CASE("progress does not go back when bytes are sent again") {
  ScriptedStore s;
  std::vector<std::uint64_t> done;
  // A transport reports by the options of the attempt that it was given.
  struct Telling final : HttpTransport {
    Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
      for (const std::uint64_t sent :
           attempt++ == 0 ? std::vector<std::uint64_t>{2, 6} : std::vector<std::uint64_t>{3, 8})
        request.call.on_progress({sent, 8});
      if (attempt == 1) return Error(ErrorCode::unavailable, "reset");
      if (auto sink = handler(stored_response); !sink) return sink.error();
      return stored_response;
    }
    HttpResponse stored_response{.status = 200, .headers = stored().headers};
    int attempt = 0;
  };
  s.options.transport = std::make_shared<Telling>();
  s.remake();
  REQUIRE(s.store->put(take, Payload::from_string("RIFFdata"),
                       {.call = {.on_progress = [&](const Progress& p) { done.push_back(p.done); }}}));
  CHECK(done == std::vector<std::uint64_t>{2, 6, 8});
}

TEST_CASE("what is not idempotent is sent again only when the service has done nothing") {
  ScriptedStore s;
  S3Client client(
      must(S3Endpoint::make("https://s3.eu-central-1.amazonaws.com", "takes", AddressingStyle::path, false)),
      profile_of(S3Provider::aws), s.options, "eu-central-1");
  const S3Request begin{.method = "POST", .key = take, .query = {{"uploads", ""}}};
  const auto requests_for = [&](const S3Request& request, std::vector<ScriptedTransport::Answer> answers) {
    const auto before = s.requests();
    for (auto& answer : answers) s.transport->on("CreateMultipartUpload", std::move(answer));
    static_cast<void>(client.exchange(request, {}, 1000));
    return s.requests() - before;
  };
  CHECK(requests_for(begin, {no_answer()}) == 1);
  CHECK(requests_for(begin, {{.status = 500}}) == 1);
  CHECK(requests_for(begin, {refusal(503, "SlowDown"), {.status = 200}}) == 2);
  S3Request harmless = begin;
  harmless.idempotent = true;
  CHECK(requests_for(harmless, {no_answer(), {.status = 200}}) == 2);

  // Deleting twice does no harm.
  s.transport->on("DeleteObjects", no_answer());
  s.transport->on("DeleteObjects",
                  {.body = fmt::format("<DeleteResult><Deleted><Key>{}</Key></Deleted></DeleteResult>", take.str())});
  CHECK(must(s.store->remove_many(std::vector<ObjectKey>{take})).all_removed());
}

TEST_CASE("F31: a kept connection that dies under the next request costs none of the attempts") {
  const std::string created = http_response(200, "", "ETag: \"e1\"\r\n");
  TcpServer server([&](TcpConnection& connection) {
    connection.read_request();
    connection.send(created);
    if (connection.index() > 0) return;
    connection.read_head();
    connection.reset();
  });
  ScriptedStore s;
  s.options.endpoint = server.url("");
  s.options.transport = must(make_curl_transport());
  s.options.retry.max_attempts = 1;
  s.remake();
  CHECK(s.store->put(take, Payload::from_string("a")));
  CHECK(s.store->put(take, Payload::from_string("b")));
  CHECK(server.accepted() == 2);
  CHECK(s.waits_ms().empty());
}
