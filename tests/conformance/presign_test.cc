// Signed URLs, sent by somebody without credentials. Stores that sign none have to say so.
#include "conformance/fixture.h"
#include "conformance/weird_keys.h"

namespace audiostore::conformance {

class PresignFixture : public Fixture {
 protected:
  SignedRequest presign(const PresignRequest& request) { return must(store.presign(request)); }
  Reply fetch(const SignedRequest& request, std::string_view body = {}) { return must(harness.fetch(request, body)); }
  Reply fetch(const PresignRequest& request, std::string_view body = {}) { return fetch(presign(request), body); }

  /// False, after a look at how it says so, where the store signs nothing.
  bool signs() {
    if (!can.presign) CHECK(code_of(store.presign({.key = key()})) == ErrorCode::unsupported);
    return can.presign;
  }
  ErrorCode refusal(const PresignRequest& request) { return code_of(store.presign(request)); }
};

namespace {

/// `url` with the first `from` replaced; fails the test where there is none.
std::string replaced(std::string url, std::string_view from, std::string_view to) {
  const auto at = url.find(from);
  REQUIRE(at != url.npos);
  return url.replace(at, from.size(), to);
}

/// Another last digit of the signature.
std::string with_wrong_signature(std::string url) {
  constexpr std::string_view field = "X-Amz-Signature=";
  const auto at = url.find(field);
  REQUIRE(at != url.npos);
  char& last = url.at(at + field.size() + 63);
  last = last == '0' ? '1' : '0';
  return url;
}

}  // namespace

TEST_CASE_METHOD(PresignFixture, "a signed get delivers the object", "[presign]") {
  if (!signs()) return;
  put(key(), "the bytes", {.attributes = {.content_type = "audio/wav"}});
  const auto reply = fetch(PresignRequest{.key = key()});
  CHECK(reply.status == 200);
  CHECK(reply.body == "the bytes");
  CHECK(find_header(reply.headers, "content-type") == "audio/wav");
}

TEST_CASE_METHOD(PresignFixture, "a signed get delivers a range", "[presign]") {
  if (!signs()) return;
  put(key(), "0123456789");
  auto request = presign({.key = key()});
  request.headers.push_back({"Range", "bytes=2-4"});
  const auto reply = fetch(request);
  CHECK(reply.status == 206);
  CHECK(reply.body == "234");
}

TEST_CASE_METHOD(PresignFixture, "a signed get of what is not there is 404", "[presign]") {
  if (!signs()) return;
  CHECK(fetch(PresignRequest{.key = key()}).status == 404);
}

TEST_CASE_METHOD(PresignFixture, "a signed head tells without the bytes", "[presign]") {
  if (!signs()) return;
  put(key(), "the bytes");
  const auto reply = fetch(PresignRequest{.key = key(), .method = PresignMethod::head});
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(find_header(reply.headers, "content-length") == "9");
}

TEST_CASE_METHOD(PresignFixture, "a signed put stores the object", "[presign]") {
  if (!signs()) return;
  const auto reply = fetch(PresignRequest{.key = key(), .method = PresignMethod::put}, "sent by somebody");
  CHECK(reply.status == 200);
  CHECK(bytes_of(key()) == "sent by somebody");
}

TEST_CASE_METHOD(PresignFixture, "a signed remove removes the object", "[presign]") {
  if (!signs()) return;
  put(key());
  const auto reply = fetch(PresignRequest{.key = key(), .method = PresignMethod::remove});
  CHECK(reply.status == 204);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(PresignFixture, "a signed get can have the reply's type and disposition changed", "[presign]") {
  if (!signs()) return;
  put(key(), "the bytes", {.attributes = {.content_type = "application/octet-stream"}});
  const auto reply = fetch(PresignRequest{.key = key(),
                                          .response_content_type = "audio/webm;codecs=opus",
                                          .response_content_disposition = "attachment; filename=\"a b+c.webm\""});
  CHECK(reply.status == 200);
  CHECK(find_header(reply.headers, "content-type") == "audio/webm;codecs=opus");
  CHECK(find_header(reply.headers, "content-disposition") == "attachment; filename=\"a b+c.webm\"");
}

TEST_CASE_METHOD(PresignFixture, "signed header fields are stored when they are sent", "[presign]") {
  if (!signs()) return;
  const auto request = presign({.key = key(),
                                .method = PresignMethod::put,
                                .signed_headers = {{"Content-Type", "audio/wav"}, {"x-amz-meta-take", "7"}}});
  CHECK(find_header(request.headers, "content-type") == "audio/wav");
  CHECK(fetch(request, "bytes").status == 200);
  const auto attributes = must(store.head(key())).attributes;
  CHECK(attributes.content_type == "audio/wav");
  CHECK(attributes.metadata == Metadata{{"take", "7"}});
}

TEST_CASE_METHOD(PresignFixture, "signed header fields must be sent as they were signed", "[presign]") {
  if (!signs()) return;
  auto request =
      presign({.key = key(), .method = PresignMethod::put, .signed_headers = {{"Content-Type", "audio/wav"}}});
  request.headers = {{"Content-Type", "text/html"}};
  CHECK(fetch(request, "bytes").status == 403);
  request.headers.clear();
  CHECK(fetch(request, "bytes").status == 403);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(PresignFixture, "a signed request is good until it expires and not after", "[presign]") {
  if (!signs()) return;
  put(key());
  const PresignRequest an_hour{.key = key(), .expires_in = std::chrono::hours(1)};
  CHECK(fetch(must(harness.presign_earlier(std::chrono::minutes(50), an_hour))).status == 200);
  CHECK(fetch(must(harness.presign_earlier(std::chrono::minutes(70), an_hour))).status == 403);
}

TEST_CASE_METHOD(PresignFixture, "a wrong signature is refused", "[presign]") {
  if (!signs()) return;
  put(key());
  auto request = presign({.key = key()});
  request.url = with_wrong_signature(request.url);
  CHECK(fetch(request).status == 403);
}

TEST_CASE_METHOD(PresignFixture, "a signature is good for one key only", "[presign]") {
  if (!signs()) return;
  put_all({"mine.wav", "hers.wav"});
  auto request = presign({.key = key("mine.wav")});
  request.url = replaced(request.url, "mine.wav", "hers.wav");
  CHECK(fetch(request).status == 403);
}

TEST_CASE_METHOD(PresignFixture, "a signature is good for one method only", "[presign]") {
  if (!signs()) return;
  put(key(), "the bytes");
  auto request = presign({.key = key()});
  for (const auto* method : {"DELETE", "PUT"}) {
    request.method = method;
    CHECK(fetch(request, "other").status == 403);
  }
  CHECK(bytes_of(key()) == "the bytes");
}

TEST_CASE_METHOD(PresignFixture, "a signature cannot be made to last longer", "[presign]") {
  if (!signs()) return;
  put(key());
  auto request = presign({.key = key(), .expires_in = std::chrono::hours(1)});
  request.url = replaced(request.url, "X-Amz-Expires=3600", "X-Amz-Expires=7200");
  CHECK(fetch(request).status == 403);
}

TEST_CASE_METHOD(PresignFixture, "nothing can be added to a signed query", "[presign]") {
  if (!signs()) return;
  put(key());
  auto request = presign({.key = key()});
  request.url += "&response-content-type=text%2Fhtml";
  CHECK(fetch(request).status == 403);
}

TEST_CASE_METHOD(PresignFixture, "a request tells when it expires", "[presign]") {
  if (!signs()) return;
  const auto soon = presign({.key = key(), .expires_in = std::chrono::seconds(60)}).expires_at;
  const auto late = presign({.key = key(), .expires_in = std::chrono::hours(24 * 7)}).expires_at;
  const auto apart = late - soon - (std::chrono::hours(24 * 7) - std::chrono::seconds(60));
  CHECK(apart >= std::chrono::seconds(-1));
  CHECK(apart <= std::chrono::minutes(1));  // a slow machine may let time pass between the two
}

TEST_CASE_METHOD(PresignFixture, "weird keys can be put and fetched by URL", "[presign][weird_keys]") {
  if (!signs()) return;
  for (const auto& text : weird_keys(prefix())) {
    INFO(text);
    const auto weird = must(ObjectKey::parse(text));
    CHECK(fetch(PresignRequest{.key = weird, .method = PresignMethod::put}, text).status == 200);
    CHECK(bytes_of(weird) == text);
    CHECK(fetch(PresignRequest{.key = weird}).body == text);
  }
}

TEST_CASE_METHOD(PresignFixture, "weird keys come back out of their URLs", "[presign][weird_keys]") {
  if (!signs()) return;
  for (const auto& text : weird_keys(prefix())) {
    INFO(text);
    const auto url = presign({.key = must(ObjectKey::parse(text))}).url;
    CHECK(must(store.key_from_url(url)).str() == text);
    CHECK(must(store.key_from_url(url.substr(0, url.find('?')))).str() == text);
  }
}

TEST_CASE_METHOD(PresignFixture, "no key is read out of what is no URL of this store", "[presign]") {
  if (!can.presign) {
    CHECK(code_of(store.key_from_url("http://127.0.0.1/a")) == ErrorCode::unsupported);
    return;
  }
  for (const auto* url : {"", "take.wav", "/take.wav", "http://", "http://example.invalid/take.wav",
                          "ftp://127.0.0.1/take.wav", "file:///etc/passwd", "javascript:alert(1)"}) {
    INFO(url);
    CHECK(code_of(store.key_from_url(url)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE_METHOD(PresignFixture, "a life time that S3 does not have is refused", "[presign]") {
  CHECK(refusal({.key = key(), .expires_in = std::chrono::seconds(0)}) == ErrorCode::invalid_argument);
  CHECK(refusal({.key = key(), .expires_in = std::chrono::seconds(-1)}) == ErrorCode::invalid_argument);
  CHECK(refusal({.key = key(), .expires_in = std::chrono::seconds(604'801)}) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(PresignFixture, "header fields that cannot be sent are not signed", "[presign]") {
  CHECK(refusal({.key = key(), .signed_headers = {{"x y", "z"}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.key = key(), .signed_headers = {{"", "z"}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.key = key(), .signed_headers = {{"x", "a\r\nb: c"}}}) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(PresignFixture, "only a get's reply can be changed", "[presign]") {
  CHECK(refusal({.key = key(), .method = PresignMethod::put, .response_content_type = "audio/wav"}) ==
        ErrorCode::invalid_argument);
  CHECK(refusal({.key = key(), .method = PresignMethod::remove, .response_content_disposition = "inline"}) ==
        ErrorCode::invalid_argument);
}

}  // namespace audiostore::conformance
