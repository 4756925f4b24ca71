// What a store learns from being refused: regions and hosts (F8-F10), the time (F12), that credentials ended (F13).
#include "s3/course.h"

#include "scripted_store.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

using Answer = ScriptedTransport::Answer;

Answer wrong_region(std::string_view region) {
  return {.status = 400,
          .body = fmt::format("<Error><Code>AuthorizationHeaderMalformed</Code><Region>{}</Region></Error>", region)};
}
Answer moved(std::string_view endpoint, Headers headers = {}) {
  return {.status = 301,
          .headers = std::move(headers),
          .body = fmt::format("<Error><Code>PermanentRedirect</Code><Endpoint>{}</Endpoint></Error>", endpoint)};
}
Answer elsewhere_for_now(std::string location) {
  return refusal(307, "TemporaryRedirect", {{"Location", std::move(location)}});
}
Headers bucket_region(std::string region) { return {{"x-amz-bucket-region", std::move(region)}}; }

constexpr const char* home_host = "takes.s3.eu-central-1.amazonaws.com";
constexpr const char* west_host = "takes.s3.us-west-2.amazonaws.com";

/// The time at which `request` was signed.
std::string signed_at(const ScriptedStore& s, std::size_t index) { return s.header(index, "x-amz-date"); }

Answer skewed(const ScriptedStore& s, std::chrono::seconds ahead) {
  return refusal(403, "RequestTimeTooSkewed", {{"Date", http_date(s.clock->now() + ahead)}});
}

/// Credentials that change when somebody says that they were refused.
class Renewable final : public CredentialsProvider {
 public:
  Result<std::shared_ptr<const Credentials>> get() override { return current_; }
  void refused(const std::shared_ptr<const Credentials>& credentials) override {
    ++refusals;
    if (can_renew && credentials == current_) current_ = make(fmt::format("AKID{}", refusals + 1));
  }
  bool can_renew = true;
  int refusals = 0;
  std::optional<TimePoint> expires_at;

  std::shared_ptr<const Credentials> make(std::string id) const {
    return std::make_shared<const Credentials>(Credentials{.access_key_id = std::move(id),
                                                           .secret_access_key = Secret("s"),
                                                           .session_token = Secret("t"),
                                                           .expires_at = expires_at});
  }
  void begin() { current_ = make("AKID1"); }

 private:
  std::shared_ptr<const Credentials> current_ = make("AKID1");
};

}  // namespace

TEST_CASE("F8: a temporary redirect within S3 is followed with a new signature, for this call only") {
  ScriptedStore s;
  s.transport->on("PutObject", elsewhere_for_now("https://takes.s3.us-west-2.amazonaws.com/other/key?x=1"));
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload::from_string("RIFF")));
  CHECK(s.request(1).url == "https://takes.s3.us-west-2.amazonaws.com/users/1/take.wav");
  CHECK(s.scope(1) == "20130524/us-west-2");
  CHECK(s.header(0, "Authorization") != s.header(1, "Authorization"));
  CHECK(s.transport->sent()[1].body == "RIFF");
  CHECK(s.waits_ms().empty());

  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.host(2) == home_host);
  CHECK(s.scope(2) == "20130524/eu-central-1");
}

TEST_CASE("F8: redirects end after three hops") {
  ScriptedStore s;
  for (const char* region : {"us-west-1", "us-west-2", "us-east-1", "us-east-2"})
    s.transport->on("PutObject", elsewhere_for_now(fmt::format("https://takes.s3.{}.amazonaws.com/", region)));
  const auto put = s.store->put(take, Payload());
  CHECK(code_of(put) == ErrorCode::unavailable);
  CHECK(put.error().attempts() == 4);
}

TEST_CASE("F9: the bucket's region is learnt from whatever names it, once, and kept for all calls") {
  for (const Answer& answer :
       {wrong_region("us-west-2"), moved("takes.s3.us-west-2.amazonaws.com", bucket_region("us-west-2")),
        moved("takes.s3-us-west-2.amazonaws.com"), Answer{.status = 301, .headers = bucket_region("us-west-2")},
        Answer{.status = 307, .headers = bucket_region("us-west-2")}}) {
    ScriptedStore s;
    s.transport->on("PutObject", answer);
    s.transport->on("PutObject", stored());
    s.transport->on("PutObject", stored());
    REQUIRE(s.store->put(take, Payload()));
    REQUIRE(s.store->put(take, Payload()));
    CHECK(s.host(0) == home_host);
    for (const std::size_t later : {1U, 2U}) {
      CHECK(s.host(later) == west_host);
      CHECK(s.scope(later) == "20130524/us-west-2");
    }
    CHECK(s.waits_ms().empty());
  }
}

TEST_CASE("F9: a HEAD has no body, the header is enough") {
  for (const int status : {301, 400}) {
    ScriptedStore s;
    s.transport->on("HeadObject", {.status = status, .headers = bucket_region("us-west-2")});
    s.transport->on("HeadObject", stored());
    CHECK(s.store->head(take));
    CHECK(s.scope(1) == "20130524/us-west-2");
  }
  // AWS names the region on every reply: alone it means nothing.
  ScriptedStore s;
  s.transport->on("HeadObject", {.status = 403, .headers = bucket_region("us-west-2")});
  CHECK(code_of(s.store->head(take)) == ErrorCode::permission_denied);
  s.transport->on("HeadObject", {.status = 400, .headers = bucket_region("eu-central-1")});
  CHECK(code_of(s.store->head(take)) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 2);
}

TEST_CASE("F9: what was learnt holds for presigned URLs, and the older ones stay ours") {
  ScriptedStore s;
  const auto before = must(s.store->presign({.key = take})).url;
  s.transport->on("HeadObject", {.status = 404});
  CHECK_FALSE(s.store->head(take));
  s.transport->on("HeadObject", {.status = 301, .headers = bucket_region("us-west-2")});
  s.transport->on("HeadObject", {.status = 404});
  CHECK_FALSE(s.store->head(take));
  const auto after = must(s.store->presign({.key = take})).url;
  CHECK(after.starts_with("https://takes.s3.us-west-2.amazonaws.com/users/1/take.wav?"));
  CHECK(after.find("%2Fus-west-2%2Fs3%2F") != std::string::npos);
  for (const auto& url : {before, after}) CHECK(must(s.store->key_from_url(url)).str() == take.str());
}

TEST_CASE("F9: where signing for the region does not help, the error says what to set, and nothing is kept") {
  ScriptedStore s;
  s.transport->on("PutObject", wrong_region("us-west-2"));
  s.transport->on("PutObject", wrong_region("us-west-2"));
  const auto put = s.store->put(take, Payload());
  CHECK(code_of(put) == ErrorCode::invalid_argument);
  CHECK(put.error().message().find("in region 'us-west-2': set S3Options::region") != std::string::npos);
  s.transport->on("PutObject", stored());
  CHECK(s.store->put(take, Payload()));
  CHECK(s.scope(2) == "20130524/eu-central-1");
}

TEST_CASE("F9: on one endpoint for all regions, the signature changes and the host does not") {
  for (const char* endpoint : {"https://storage.example.com", "https://s3-accelerate.amazonaws.com"}) {
    ScriptedStore s;
    s.options.endpoint = endpoint;
    s.remake();
    s.transport->on("PutObject", wrong_region("garage"));
    s.transport->on("PutObject", stored());
    REQUIRE(s.store->put(take, Payload()));
    CHECK(s.scope(1) == "20130524/garage");
    CHECK(s.host(0) == s.host(1));
  }
}

TEST_CASE("F10: nothing is sent to a foreign host, over http, or to what is no URL") {
  for (const char* location :
       {"https://evil.com/takes/users/1/take.wav", "http://takes.s3.us-west-2.amazonaws.com/", "file:///etc/passwd",
        "https://s3.us-west-2.amazonaws.com.evil.com/", "https://takes.s3.us-west-2.amazonaws.com:8443/",
        "https://takes.s3.us-west-2.amazonaws.com@evil.com/", "https://takes.lb.us-west-2.elb.amazonaws.com/",
        "https://other.s3.us-west-2.amazonaws.com/", "//evil.com/", "/elsewhere", "",
        "https://takes.s3.eu-central-1.amazonaws.com/loop"}) {
    INFO(location);
    for (const int status : {301, 302, 307, 308}) {
      ScriptedStore s;
      s.transport->on("PutObject", {.status = status, .headers = {{"Location", location}}});
      const auto put = s.store->put(take, Payload());
      REQUIRE_FALSE(put);
      CHECK(put.error().attempts() == 1);
      CHECK(s.requests() == 1);
    }
  }
  for (const char* endpoint :
       {"evil.com", "https://takes.s3.us-west-2.amazonaws.com", "takes.s3.us-west-2.amazonaws.com/x"}) {
    ScriptedStore s;
    s.transport->on("PutObject", moved(endpoint));
    CHECK_FALSE(s.store->put(take, Payload()));
    CHECK(s.requests() == 1);
  }
}

TEST_CASE("F10: another service than Amazon's is never left, whatever it says") {
  for (const char* endpoint : {"https://acc.r2.cloudflarestorage.com", "https://storage.example.com"}) {
    ScriptedStore s;
    s.options.endpoint = endpoint;
    s.options.region = "auto";
    s.remake();
    s.transport->on("PutObject", elsewhere_for_now("https://takes.s3.us-west-2.amazonaws.com/"));
    CHECK_FALSE(s.store->put(take, Payload()));
    CHECK(s.requests() == 1);
  }
}

TEST_CASE("F10: a region that is none is not signed for") {
  for (const std::string& region : {std::string("us/west"), std::string("us-west-2\r\nx: y"), std::string(64, 'a')}) {
    ScriptedStore s;
    s.transport->on("HeadObject", {.status = 301, .headers = bucket_region(region)});
    CHECK_FALSE(s.store->head(take));
    CHECK(s.requests() == 1);
  }
}

TEST_CASE("F12: a clock that is off is learnt from the reply's Date, once, and used from then on") {
  for (const auto off : {1h, -1h, 24h, -24h}) {
    INFO(off.count());
    ScriptedStore s;
    const TimePoint service_time = s.clock->now() + off;
    s.transport->on("PutObject", skewed(s, off));
    s.transport->on("PutObject", stored());
    s.transport->on("PutObject", stored());
    REQUIRE(s.store->put(take, Payload()));
    REQUIRE(s.store->put(take, Payload()));
    CHECK(signed_at(s, 0) == "20130524T000000Z");
    CHECK(signed_at(s, 1) == amz_date(service_time).timestamp());
    CHECK(signed_at(s, 2) == amz_date(service_time).timestamp());
    CHECK(s.waits_ms().empty());
    const auto url = must(s.store->presign({.key = take}));
    CHECK(url.url.find(fmt::format("X-Amz-Date={}", amz_date(service_time).timestamp())) != std::string::npos);
    CHECK(url.expires_at == service_time + 1h);
  }
}

TEST_CASE("F12: a HEAD is refused without a reason, but with a Date") {
  ScriptedStore s;
  s.transport->on("HeadObject", {.status = 403, .headers = {{"Date", http_date(s.clock->now() + 1h)}}});
  s.transport->on("HeadObject", stored());
  CHECK(s.store->head(take));
  s.transport->on("HeadObject", {.status = 403, .headers = {{"Date", http_date(s.clock->now() + 1h + 10min)}}});
  CHECK(code_of(s.store->head(take)) == ErrorCode::permission_denied);
  CHECK(s.requests() == 3);
}

TEST_CASE("F12: no more than one correction a call, and none that does not prove right is kept") {
  ScriptedStore s;
  s.transport->on("PutObject", skewed(s, 1h));
  s.transport->on("PutObject", skewed(s, -5h));
  const auto put = s.store->put(take, Payload());
  CHECK(code_of(put) == ErrorCode::unauthenticated);
  CHECK(put.error().attempts() == 2);
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload()));
  CHECK(signed_at(s, 2) == "20130524T000000Z");
}

TEST_CASE("F12: two servers with different clocks do not make the offset swing for those that are content") {
  ScriptedStore s;
  s.transport->on("PutObject", skewed(s, 1h));
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload()));
  // A refusal whose own Date agrees with the signature is about something else.
  s.transport->on("PutObject", skewed(s, 1h + 5s));
  CHECK_FALSE(s.store->put(take, Payload()));
  CHECK(s.requests() == 3);
  // Somebody sets our clock right: what was learnt is unlearnt.
  s.clock->advance(1h);
  s.transport->on("PutObject", skewed(s, 0s));
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload()));
  CHECK(signed_at(s, 4) == "20130524T010000Z");
}

TEST_CASE("F12: a Date that is missing, unreadable or in another year is not believed") {
  ScriptedStore s;
  const std::vector<Headers> dates{{},
                                   {{"Date", "yesterday"}},
                                   {{"Date", http_date(s.clock->now() + 26h)}},
                                   {{"Date", http_date(s.clock->now() - 24h * 365)}},
                                   {{"Date", "Thu, 01 Jan 1970 00:00:00 GMT"}}};
  for (const Headers& headers : dates) {
    s.transport->on("PutObject", refusal(403, "RequestTimeTooSkewed", headers));
    const auto put = s.store->put(take, Payload());
    CHECK(code_of(put) == ErrorCode::unauthenticated);
    CHECK(put.error().message().find("clock") != std::string::npos);
    CHECK(put.error().attempts() == 1);
  }
}

TEST_CASE("F13: expired credentials are asked for again, and the request is signed with the new ones, once") {
  for (const char* code : {"ExpiredToken", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId"}) {
    ScriptedStore s;
    const auto provider = std::make_shared<Renewable>();
    s.options.credentials = provider;
    s.remake();
    s.transport->on("PutObject", refusal(400, code));
    s.transport->on("PutObject", stored());
    REQUIRE(s.store->put(take, Payload::from_string("RIFF")));
    CHECK(provider->refusals == 1);
    CHECK(s.header(0, "Authorization").find("AKID1/") != std::string::npos);
    CHECK(s.header(1, "Authorization").find("AKID2/") != std::string::npos);
    CHECK(s.transport->sent()[1].body == "RIFF");
    CHECK(s.waits_ms().empty());

    s.transport->on("PutObject", refusal(403, code));
    s.transport->on("PutObject", refusal(403, code));
    const auto put = s.store->put(take, Payload());
    CHECK(code_of(put) == ErrorCode::unauthenticated);
    CHECK(put.error().attempts() == 2);
  }
}

TEST_CASE("F13: credentials that cannot be renewed are not sent again") {
  ScriptedStore s;
  const auto provider = std::make_shared<Renewable>();
  provider->can_renew = false;
  for (const auto& credentials : {std::shared_ptr<CredentialsProvider>(provider), s.options.credentials}) {
    s.options.credentials = credentials;
    s.remake();
    s.transport->on("PutObject", refusal(400, "ExpiredToken"));
    const auto put = s.store->put(take, Payload());
    CHECK(code_of(put) == ErrorCode::unauthenticated);
    CHECK(put.error().attempts() == 1);
  }
  CHECK(provider->refusals == 1);
}

TEST_CASE("F13: a HEAD does not say that they expired, but they say when they do") {
  for (const auto left : {0s, 60s}) {
    ScriptedStore s;
    const auto provider = std::make_shared<Renewable>();
    provider->expires_at = s.clock->now() + left;
    provider->begin();
    s.options.credentials = provider;
    s.remake();
    s.transport->on("HeadObject", {.status = 400});
    if (left == 0s) s.transport->on("HeadObject", stored());
    CHECK(s.store->head(take).has_value() == (left == 0s));
  }
}

TEST_CASE("what one call learns wrong harms no other, and two can learn different things at once") {
  const auto endpoint =
      must(S3Endpoint::make("https://s3.eu-central-1.amazonaws.com", "takes", AddressingStyle::path, false));
  const auto home = std::make_shared<const BucketHome>(endpoint, "eu-central-1");
  const auto west = std::make_shared<const BucketHome>(endpoint, "us-west-2");
  SharedBearings shared({home, 0s});
  const Bearings before = shared.current();
  shared.adopt(before, {west, 0s});
  shared.adopt(before, {home, 3600s});
  CHECK(shared.current().home == west);
  CHECK(shared.current().clock_offset == 3600s);
  shared.adopt(shared.current(), {std::make_shared<const BucketHome>(endpoint, "eu-west-1", true), 3600s});
  CHECK(shared.current().home == west);
}

TEST_CASE("F9 F12: fifty threads learn together") {
  struct Strict final : HttpTransport {
    explicit Strict(TimePoint now) : date(http_date(now + 1h)), stamp(amz_date(now + 1h).timestamp()) {}
    Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
      HttpResponse response{.status = 200, .headers = stored().headers};
      std::string body;
      if (find_header(request.headers, "x-amz-date") != stamp) {
        response = {.status = 403, .headers = {{"Date", date}}};
        body = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
      } else if (!request.url.starts_with("https://takes.s3.us-west-2.")) {
        response = {.status = 301, .headers = {{"x-amz-bucket-region", "us-west-2"}}};
      }
      auto sink = handler(response);
      if (!sink) return sink.error();
      if (auto taken = body.empty() ? Result<void>() : (*sink)(as_bytes(body)); !taken) return taken.error();
      return response;
    }
    const std::string date;
    const std::string stamp;
  };
  ScriptedStore s;
  s.options.transport = std::make_shared<Strict>(s.clock->now());
  s.remake();
  std::atomic<int> stored_puts = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 50; ++i)
      clients.emplace_back([&] { stored_puts += s.store->put(take, Payload()).has_value() ? 1 : 0; });
  }
  CHECK(stored_puts == 50);
}
