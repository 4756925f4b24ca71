#include <audiostore/s3_store.h>

#include "core/crypto.h"
#include "core/dates.h"
#include "core/text.h"
#include "support/manual_clock.h"
#include "support/scripted_transport.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view secret = "C4NARY-secret-key";
constexpr std::string_view token = "C4NARY-session-token";

/// A store whose network is a script.
struct Fixture {
  std::shared_ptr<ScriptedTransport> transport = std::make_shared<ScriptedTransport>();
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  S3Options options{.bucket = "takes",
                    .credentials = static_credentials(
                        {.access_key_id = "AKID", .secret_access_key = Secret(secret), .session_token = Secret(token)}),
                    .region = "auto",
                    .endpoint = "https://acc.r2.cloudflarestorage.com",
                    .retry = {.max_attempts = 1},  // retries have tests of their own
                    .transport = transport,
                    .clock = clock};
  std::unique_ptr<ObjectStore> store = make_s3_store(options).value();

  void use(S3Provider provider) {
    options.provider = provider;
    store = make_s3_store(options).value();
  }
  [[nodiscard]] const ScriptedTransport::Sent& last() const { return transport->sent().back(); }
  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(find_header(last().request.headers, name).value_or(""));
  }
};

const ObjectKey take = *ObjectKey::parse("users/1/take 1.wav");
const Headers etag_only{{"ETag", "\"e1\""}};

Headers object_headers(std::uint64_t length, Headers more = {}) {
  Headers headers{{"ETag", "\"e1\""},
                  {"Content-Length", std::to_string(length)},
                  {"Last-Modified", "Fri, 24 May 2013 00:00:00 GMT"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

ByteSink discard() {
  return [](ByteSpan) -> Result<void> { return {}; };
}

}  // namespace

TEST_CASE("a put is one signed request with the payload's hash and the attributes") {
  Fixture f;
  f.transport->answer({.headers = etag_only});
  const auto result = f.store->put(take, Payload::from_string("RIFF"),
                                   {.attributes = {.content_type = "audio/wav", .metadata = {{"artist", "x"}}}});
  REQUIRE(result);
  CHECK(result->etag == "\"e1\"");
  CHECK(f.last().request.method == "PUT");
  CHECK(f.last().request.url == "https://acc.r2.cloudflarestorage.com/takes/users/1/take%201.wav");
  CHECK(f.last().body == "RIFF");
  CHECK(f.header("Content-Type") == "audio/wav");
  CHECK(f.header("x-amz-meta-artist") == "x");
  CHECK(f.header("x-amz-content-sha256") == to_hex(sha256("RIFF")));
  CHECK(f.header("x-amz-security-token") == token);
  CHECK(f.header("Authorization")
            .find("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-artist;"
                  "x-amz-meta-audiostore-sha256;x-amz-security-token,") != std::string::npos);
}

TEST_CASE("F19: nothing is sent that a provider could reject: no checksum header, no chunked signature, no Expect") {
  Fixture f;
  f.transport->answer({.headers = etag_only});
  REQUIRE(f.store->put(take, Payload::from_string("x")));
  for (const Header& header : f.last().request.headers) {
    const std::string name = to_lower(header.name);
    INFO(name);
    CHECK_FALSE(name.starts_with("x-amz-checksum"));
    CHECK_FALSE(name.starts_with("x-amz-sdk"));
    CHECK(name != "x-amz-trailer");
    CHECK(name != "expect");
    CHECK(name != "accept-encoding");
    CHECK(header.value.find("aws-chunked") == std::string::npos);
  }
}

TEST_CASE("PutMode::create is a conditional put, and losing it is already_exists") {
  Fixture f;
  f.transport->answer({.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"});
  const auto result = f.store->put(take, Payload(), {.mode = PutMode::create});
  CHECK(f.header("If-None-Match") == "*");
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::already_exists);
  CHECK(result.error().operation() == "put");
  CHECK(result.error().key() == take.str());
}

TEST_CASE("a provider that ignores conditions refuses them before any request") {
  Fixture f;
  f.use(S3Provider::gcs);
  const auto put = f.store->put(take, Payload(), {.mode = PutMode::create});
  const auto copy = f.store->copy(take, *ObjectKey::parse("b"), {.source_if_match = "\"e\""});
  CHECK(put.error().code() == ErrorCode::unsupported);
  CHECK(put.error().message().find("Google Cloud Storage") != std::string::npos);
  CHECK(copy.error().code() == ErrorCode::unsupported);
  CHECK(f.transport->sent().empty());
}

TEST_CASE("unsigned payloads are for TLS only, and then the payload is not hashed") {
  Fixture f;
  f.options.payload_signing = PayloadSigning::unsigned_over_tls;
  f.store = make_s3_store(f.options).value();
  f.transport->answer({.headers = etag_only});
  REQUIRE(f.store->put(take, Payload::from_string("x")));
  CHECK(f.header("x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
  f.options.endpoint = "http://localhost:9000";
  CHECK_FALSE(make_s3_store(f.options));
}

TEST_CASE("F5: a success without an ETag is not taken for one") {
  Fixture f;
  f.transport->answer({.status = 200});
  CHECK(f.store->put(take, Payload()).error().code() == ErrorCode::corrupt);
}

TEST_CASE("a get delivers the bytes and says what is known of the object") {
  Fixture f;
  f.transport->answer(
      {.headers =
           object_headers(3, {{"Content-Type", "audio/wav"}, {"X-Amz-Meta-Artist", "x"}, {"Cache-Control", "private"}}),
       .body = "abc"});
  std::string bytes;
  const auto info = f.store->get(take, [&](ByteSpan piece) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  });
  REQUIRE(info);
  CHECK(bytes == "abc");
  CHECK(info->size == 3);
  CHECK(info->etag == "\"e1\"");
  CHECK(info->last_modified == *parse_amz_date("20130524T000000Z"));
  CHECK(info->attributes.content_type == "audio/wav");
  CHECK(info->attributes.metadata == Metadata{{"artist", "x"}});
}

TEST_CASE("F15: a range is answered by exactly these bytes, or not at all") {
  Fixture f;
  const auto get = [&](ByteRange range, int status, std::string_view content_range, std::uint64_t length) {
    Headers headers = object_headers(length);
    if (!content_range.empty()) headers.push_back({"Content-Range", std::string(content_range)});
    f.transport->answer({.status = status, .headers = headers, .body = std::string(length, 'x')});
    return f.store->get(take, discard(), {.range = range});
  };
  const auto good = get(ByteRange::between(2, 5), 206, "bytes 2-5/10", 4);
  REQUIRE(good);
  CHECK(f.header("Range") == "bytes=2-5");
  CHECK(good->size == 10);
  CHECK(good->delivered.offset == 2);
  CHECK(good->delivered.length == 4);
  CHECK(get(ByteRange::from(8), 206, "bytes 8-9/10", 2));
  CHECK(get(ByteRange::last(3), 206, "bytes 7-9/10", 3));
  CHECK(get(ByteRange::last(30), 206, "bytes 0-9/10", 10));
  CHECK(get(ByteRange::between(2, 50), 206, "bytes 2-9/10", 8));

  for (const char* wrong : {"", "bytes 3-6/10", "bytes 2-4/10", "bytes 2-5/*", "bytes */10", "2-5/10", "bytes 5-2/10",
                            "bytes 2-5/5", "bytes x-5/10"}) {
    INFO(wrong);
    CHECK(get(ByteRange::between(2, 5), 206, wrong, 4).error().code() == ErrorCode::corrupt);
  }
  CHECK(get(ByteRange::between(2, 5), 200, "", 10).error().code() == ErrorCode::corrupt);
  CHECK(get(ByteRange::between(2, 5), 206, "bytes 2-5/10", 5).error().code() == ErrorCode::corrupt);
}

TEST_CASE("F27: an object of unknown length is refused before a byte is delivered") {
  Fixture f;
  f.transport->answer({.headers = etag_only, .body = "abc"});
  bool delivered = false;
  const auto info = f.store->get(take, [&](ByteSpan) -> Result<void> {
    delivered = true;
    return {};
  });
  CHECK(info.error().code() == ErrorCode::corrupt);
  CHECK_FALSE(delivered);
}

TEST_CASE("F14: conditions are sent, and their outcomes are typed") {
  Fixture f;
  f.transport->answer({.status = 304});
  const auto unchanged =
      f.store->get(take, discard(), {.conditions = {.if_none_match = "\"e1\"", .if_modified_since = f.clock->now()}});
  CHECK(unchanged.error().code() == ErrorCode::not_modified);
  CHECK(f.header("If-None-Match") == "\"e1\"");
  CHECK(f.header("If-Modified-Since") == "Fri, 24 May 2013 00:00:00 GMT");
  f.transport->answer({.status = 412});
  CHECK(f.store->head(take, {.conditions = {.if_match = "\"other\""}}).error().code() ==
        ErrorCode::precondition_failed);
  CHECK(f.header("If-Match") == "\"other\"");
}

TEST_CASE("F7: refusals are not retried and carry code and request id") {
  Fixture f;
  f.transport->answer(
      {.status = 403, .headers = {{"x-amz-request-id", "REQ1"}}, .body = "<Error><Code>AccessDenied</Code></Error>"});
  const auto info = f.store->get(take, discard());
  REQUIRE_FALSE(info);
  CHECK(info.error().code() == ErrorCode::permission_denied);
  CHECK(info.error().service_code() == "AccessDenied");
  CHECK(info.error().request_id() == "REQ1");
  CHECK_FALSE(info.error().retryable());
  CHECK(f.transport->sent().size() == 1);
}

TEST_CASE("removing what is not there succeeds, in a missing bucket it does not") {
  Fixture f;
  f.transport->answer({.status = 204});
  CHECK(f.store->remove(take));
  f.transport->answer({.status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>"});
  CHECK(f.store->remove(take));
  f.transport->answer({.status = 404, .body = "<Error><Code>NoSuchBucket</Code></Error>"});
  CHECK(f.store->remove(take).error().code() == ErrorCode::not_found);
}

TEST_CASE("F4: a copy that answers 200 with an error document has failed") {
  Fixture f;
  f.transport->answer({.body = "<Error><Code>InternalError</Code></Error>"});
  const auto to = *ObjectKey::parse("b c.wav");
  const auto failed = f.store->copy(take, to);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code() == ErrorCode::unavailable);
  CHECK(f.header("x-amz-copy-source") == "/takes/users/1/take%201.wav");
  CHECK(f.header("x-amz-metadata-directive") == "COPY");
  f.transport->answer({.body = "<CopyObjectResult><ETag>\"InternalError\"</ETag></CopyObjectResult>"});
  CHECK(f.store->copy(take, to)->etag == "\"InternalError\"");
  f.transport->answer({.body = ""});
  CHECK(f.store->copy(take, to).error().code() == ErrorCode::corrupt);
  f.transport->answer({.body = "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>"});
  CHECK(f.store->copy(take, take, {.attributes = ObjectAttributes{.content_type = "audio/wav"}}));
  CHECK(f.header("x-amz-metadata-directive") == "REPLACE");
  CHECK(f.header("Content-Type") == "audio/wav");
}

TEST_CASE("remove_many sends batches that the provider can take, with Content-MD5, and reports each key") {
  Fixture f;
  std::vector<ObjectKey> keys;
  for (int i = 0; i < 701; ++i) keys.push_back(*ObjectKey::parse(fmt::format("k{}", i)));
  std::string first = "<DeleteResult>";
  for (int i = 2; i < 700; ++i) first += fmt::format("<Deleted><Key>k{}</Key></Deleted>", i);
  first +=
      "<Error><Key>k0</Key><Code>AccessDenied</Code></Error><Error><Key>k1</Key><Code>NoSuchKey</Code></Error></"
      "DeleteResult>";
  f.transport->answer({.body = first});
  f.transport->answer({.status = 503, .body = "<Error><Code>SlowDown</Code></Error>"});
  const auto report = f.store->remove_many(keys);
  REQUIRE(report);
  REQUIRE(report->outcomes.size() == 701);
  CHECK(report->outcomes[0].error->code() == ErrorCode::permission_denied);
  CHECK(report->outcomes[0].error->key() == "k0");
  CHECK_FALSE(report->outcomes[1].error);
  CHECK_FALSE(report->outcomes[2].error);
  CHECK(report->outcomes[700].error->code() == ErrorCode::rate_limited);
  CHECK_FALSE(report->all_removed());
  REQUIRE(f.transport->sent().size() == 2);
  const auto& request = f.transport->sent()[0];
  CHECK(request.request.url == "https://acc.r2.cloudflarestorage.com/takes?delete=");
  CHECK(find_header(request.request.headers, "Content-MD5") == to_base64(md5(as_bytes(request.body))));
}

TEST_CASE("remove_many: a batch that fails as a whole fails the call, a key that is not mentioned has an error") {
  Fixture f;
  const std::vector<ObjectKey> keys{take};
  f.transport->answer({.status = 403});
  CHECK(f.store->remove_many(keys).error().code() == ErrorCode::permission_denied);
  f.transport->answer({.body = "<Error><Code>InternalError</Code></Error>"});
  CHECK(f.store->remove_many(keys).error().code() == ErrorCode::unavailable);
  f.transport->answer({.body = "<DeleteResult></DeleteResult>"});
  CHECK(f.store->remove_many(keys)->outcomes[0].error->code() == ErrorCode::corrupt);
  const auto sent = f.transport->sent().size();
  CHECK(f.store->remove_many({})->outcomes.empty());
  CHECK(f.transport->sent().size() == sent);
}

TEST_CASE("a list asks for URL-encoded names and says where to go on") {
  Fixture f;
  f.transport->answer({.body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"});
  REQUIRE(f.store->list({.prefix = "users/1/",
                         .delimiter = "/",
                         .start_after = "users/1/b",
                         .continuation_token = "t+1=",
                         .max_keys = 7}));
  CHECK(f.last().request.url ==
        "https://acc.r2.cloudflarestorage.com/"
        "takes?continuation-token=t%2B1%3D&delimiter=%2F&encoding-type=url&list-type=2&max-keys=7"
        "&prefix=users%2F1%2F&start-after=users%2F1%2Fb");
}

TEST_CASE("F49: a listing out of order, with doubles, strangers or the same token again is refused") {
  Fixture f;
  const auto list = [&](std::initializer_list<const char*> keys, std::string_view more = "",
                        ListOptions options = {.prefix = "p"}) {
    std::string body = "<ListBucketResult>";
    for (const char* key : keys)
      body += fmt::format(
          "<Contents><Key>{}</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>", key);
    body += more.empty() ? "<IsTruncated>false</IsTruncated>" : std::string(more);
    f.transport->answer({.body = body + "</ListBucketResult>"});
    return f.store->list(options);
  };
  const auto corrupt = [](const Result<ListPage>& page) { return !page && page.error().code() == ErrorCode::corrupt; };
  CHECK(list({"p1", "p2"}));
  CHECK(list({"pZ", "pa"}));
  CHECK(corrupt(list({"p2", "p1"})));
  CHECK(corrupt(list({"p1", "p1"})));
  CHECK(corrupt(list({"q"})));
  CHECK(corrupt(list({"p1"}, "", {.prefix = "p", .start_after = "p1"})));
  CHECK(corrupt(list({"p1"}, "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>",
                     {.prefix = "p", .continuation_token = "t"})));
  CHECK(corrupt(list({}, "<IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>q/</Prefix></CommonPrefixes>")));
}

TEST_CASE("presigned URLs name their method, headers and end") {
  Fixture f;
  f.clock->advance(std::chrono::milliseconds(900));
  const auto put = f.store->presign({.key = take,
                                     .method = PresignMethod::put,
                                     .expires_in = std::chrono::seconds(60),
                                     .signed_headers = {{"Content-Type", "audio/wav"}, {"Content-Length", "44"}}});
  REQUIRE(put);
  CHECK(put->method == "PUT");
  CHECK(put->headers.size() == 2);
  CHECK(put->expires_at == *parse_amz_date("20130524T000100Z"));
  CHECK(put->url.find("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost") != std::string::npos);
  CHECK(f.store->presign({.key = take, .method = PresignMethod::head})->method == "HEAD");
  CHECK(f.store->presign({.key = take, .method = PresignMethod::remove})->method == "DELETE");
  CHECK(f.transport->sent().empty());
  CHECK(f.store->key_from_url(put->url)->str() == take.str());
}

TEST_CASE("only Supabase is told the payload hash in the query, and only where it would assume another") {
  Fixture f;
  const auto says_hash = [&](PresignMethod method) {
    return f.store->presign({.key = take, .method = method})->url.find("X-Amz-Content-Sha256=UNSIGNED-PAYLOAD") !=
           std::string::npos;
  };
  CHECK_FALSE(says_hash(PresignMethod::put));
  f.use(S3Provider::supabase);
  CHECK(says_hash(PresignMethod::put));
  CHECK(says_hash(PresignMethod::head));
  CHECK_FALSE(says_hash(PresignMethod::get));
}

TEST_CASE("no URL outlives the credentials") {
  Fixture f;
  f.options.credentials = static_credentials({.access_key_id = "A",
                                              .secret_access_key = Secret("s"),
                                              .session_token = Secret("t"),
                                              .expires_at = f.clock->now() + std::chrono::minutes(10)});
  f.store = make_s3_store(f.options).value();
  CHECK(f.store->presign({.key = take})->expires_at == f.clock->now() + std::chrono::minutes(10));
  CHECK(f.store->presign({.key = take, .expires_in = std::chrono::seconds(5)})->expires_at ==
        f.clock->now() + std::chrono::seconds(5));
  f.clock->advance(std::chrono::minutes(10));
  CHECK(f.store->presign({.key = take}).error().code() == ErrorCode::unauthenticated);
}

TEST_CASE("S7: what must not be presigned is refused") {
  Fixture f;
  const auto code = [&](PresignRequest request) {
    const auto signed_request = f.store->presign(request);
    return signed_request ? std::string("ok") : std::string(to_string(signed_request.error().code()));
  };
  for (const auto seconds : {-1L, 0L, 604801L, 315360000L})
    CHECK(code({.key = take, .expires_in = std::chrono::seconds(seconds)}) == "invalid_argument");
  CHECK(code({.key = take, .expires_in = std::chrono::seconds(604800)}) == "ok");
  CHECK(code({.key = take, .method = PresignMethod::put, .response_content_type = "audio/wav"}) == "invalid_argument");
  for (const char* name : {"Host", "Authorization", "X-Amz-Date", "User-Agent", "Accept-Encoding", "Transfer-Encoding",
                           "a b", "", "x\r\ny"}) {
    INFO(name);
    CHECK(code({.key = take, .method = PresignMethod::put, .signed_headers = {{name, "x"}}}) == "invalid_argument");
  }
  CHECK(code({.key = take, .method = PresignMethod::put, .signed_headers = {{"x-a", "b\r\nx-evil: 1"}}}) ==
        "invalid_argument");
}

TEST_CASE("S9: attributes that would inject header lines are refused before anything is sent") {
  Fixture f;
  const auto refused = [&](ObjectAttributes attributes) {
    const auto result = f.store->put(take, Payload(), {.attributes = std::move(attributes)});
    return !result && result.error().code() == ErrorCode::invalid_argument;
  };
  CHECK(refused({.content_type = "audio/wav\r\nx-amz-acl: public-read"}));
  CHECK(refused({.content_disposition = std::string("a\0b", 3)}));
  CHECK(refused({.cache_control = "a\nb"}));
  CHECK(refused({.metadata = {{"a\r\nb", "x"}}}));
  CHECK(refused({.metadata = {{"a", "x\ny"}}}));
  CHECK(refused({.metadata = {{"A", "x"}}}));
  CHECK(refused({.metadata = {{"a", std::string(2048, 'x')}}}));
  CHECK(f.transport->sent().empty());
}

TEST_CASE("options that cannot work are refused when the store is made") {
  Fixture f;
  const auto refused = [&](auto change) {
    S3Options options = f.options;
    change(options);
    const auto store = make_s3_store(options);
    return !store && store.error().code() == ErrorCode::invalid_argument;
  };
  CHECK(refused([](S3Options& o) { o.bucket = ""; }));
  CHECK(refused([](S3Options& o) { o.credentials = nullptr; }));
  CHECK(refused([](S3Options& o) { o.clock = nullptr; }));
  CHECK(refused([](S3Options& o) { o.region = "us east"; }));
  CHECK(refused([](S3Options& o) { o.region = "a/b"; }));
  CHECK(refused([](S3Options& o) { o.endpoint = "", o.region = ""; }));
  CHECK(refused([](S3Options& o) { o.endpoint = "", o.provider = S3Provider::r2; }));
  CHECK(refused([](S3Options& o) { o.endpoint = "http://example.com"; }));
}

TEST_CASE("the wait for credentials is part of the call") {
  struct Slow final : CredentialsProvider {
    Result<std::shared_ptr<const Credentials>> get() override { return Error(ErrorCode::internal, "not asked for"); }
    Result<std::shared_ptr<const Credentials>> get_within(const CallOptions& call) override {
      deadline = call.deadline;
      if (call.stop.stop_requested()) return Error(ErrorCode::cancelled, "stopped");
      return Error(ErrorCode::timed_out, "too slow");
    }
    std::chrono::milliseconds deadline{0};
  };
  Fixture f;
  const auto slow = std::make_shared<Slow>();
  f.options.credentials = slow;
  f.store = make_s3_store(f.options).value();
  CHECK(f.store->head(take, {.call = {.deadline = 5s}}).error().code() == ErrorCode::timed_out);
  CHECK(slow->deadline > 0s);
  CHECK(slow->deadline <= 5s);
  CHECK(f.transport->sent().empty());
}

TEST_CASE("a credentials provider that throws or gives nothing is an error like any other") {
  struct Broken final : CredentialsProvider {
    explicit Broken(bool throws) : throws_(throws) {}
    Result<std::shared_ptr<const Credentials>> get() override {
      if (throws_) throw std::runtime_error("vault down");
      return std::shared_ptr<const Credentials>();
    }
    bool throws_;
  };
  Fixture f;
  for (const bool throws : {true, false}) {
    f.options.credentials = std::make_shared<Broken>(throws);
    f.store = make_s3_store(f.options).value();
    const auto code = throws ? ErrorCode::internal : ErrorCode::unauthenticated;
    const auto url = f.store->presign({.key = take});
    REQUIRE_FALSE(url);
    CHECK(url.error().code() == code);
    CHECK(url.error().operation() == "presign");
    CHECK(url.error().key() == take.str());
    CHECK(f.store->head(take).error().code() == code);
  }
}

TEST_CASE("progress counts the object's bytes and nothing else") {
  Fixture f;
  std::vector<std::uint64_t> done;
  const CallOptions call{.on_progress = [&](const Progress& progress) { done.push_back(progress.done); }};
  f.transport->answer({.headers = object_headers(3), .body = "abc"});
  REQUIRE(f.store->get(take, discard(), {.call = call}));
  CHECK(done == std::vector<std::uint64_t>{3});
  f.transport->answer({.status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>"});
  REQUIRE_FALSE(f.store->get(take, discard(), {.call = call}));
  f.transport->answer({.status = 204});
  REQUIRE(f.store->remove(take, {.call = call}));
  CHECK_FALSE(f.last().request.call.on_progress);
  f.transport->answer({.headers = etag_only});
  REQUIRE(f.store->put(take, Payload::from_string("x"), {.call = call}));
  CHECK(f.last().request.call.on_progress);
  CHECK(done.size() == 1);
}

TEST_CASE("S11: no secret, token or signature comes back in an error") {
  Fixture f;
  f.transport->answer(
      {.status = 403,
       .body = fmt::format("<Error><Code>SignatureDoesNotMatch</Code><Message>bad {}</Message></Error>", token)});
  const auto result = f.store->get(take, discard());
  const std::string text = result.error().to_string();
  CHECK(text.find("C4NARY") == std::string::npos);
}
