#include "local/signed_request.h"

#include "core/checksums.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <array>
#include <charconv>
#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

using Algorithm = ChecksumAlgorithm;

std::string checksum_of(Algorithm algorithm, std::string_view bytes) {
  return Checksum(algorithm).update(bytes).finish();
}

Header checksum_header_of(Algorithm algorithm, std::string_view bytes) {
  return {std::string(checksum_header(algorithm)), checksum_of(algorithm, bytes)};
}

std::string hex_size(std::size_t size) {
  std::array<char, 16> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr};
}

/// A body in chunks that are not signed, as SDKs send it.
struct UnsignedChunks {
  std::string body = "hello";
  std::string trailer = "x-amz-checksum-crc32:" + checksum_of(Algorithm::crc32, "hello") + "\r\n";
  std::string announced = "x-amz-checksum-crc32";
  std::string length = "5";
  Headers more = {{"Content-Encoding", "aws-chunked"}};
  std::string path = "/audiostore/k";
  std::vector<sigv4::QueryParameter> query = {};

  [[nodiscard]] Answer put(ServiceFixture& ask) const {
    Headers headers = more;
    if (!length.empty()) headers.push_back({"x-amz-decoded-content-length", length});
    if (!announced.empty()) headers.push_back({"x-amz-trailer", announced});
    const std::string chunk = body.empty() ? "" : hex_size(body.size()) + "\r\n" + body + "\r\n";
    return ask({.method = "PUT",
                .path = path,
                .query = query,
                .headers = std::move(headers),
                .body = chunk + "0\r\n" + trailer + "\r\n",
                .payload_word = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"});
  }
  [[nodiscard]] std::string refusal(ServiceFixture& ask) const { return put(ask).element("Code"); }
};

/// Signs a body in chunks of 64 KiB with the fixture's key, and sends it.
Answer put_signed(ServiceFixture& ask, std::string body, bool spoil = false) {
  IncomingRequest request = ask.sign(
      {.method = "PUT",
       .path = "/audiostore/k",
       .headers = {{"x-amz-decoded-content-length", std::to_string(body.size())}, {"Content-Encoding", "aws-chunked"}},
       .payload_word = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"});
  const std::string authorization(*find_header(request.head.headers, "authorization"));
  const std::string scope = "20130524/us-east-1/s3/aws4_request";
  std::string previous = authorization.substr(authorization.size() - 64);
  Sha256Digest key = HmacSha256("AWS4C4NARY-secret").sign("20130524");
  for (const std::string_view step : {"us-east-1", "s3", "aws4_request"}) key = HmacSha256(ByteSpan(key)).sign(step);
  std::string sent;
  for (bool last = false; !last;) {
    const std::string piece = body.substr(0, 65'536);
    body.erase(0, piece.size());
    last = piece.empty();
    const std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n" + scope + "\n" + previous + "\n" +
                             to_hex(sha256("")) + "\n" + to_hex(sha256(piece));
    previous = to_hex(HmacSha256(ByteSpan(key)).sign(text));
    sent += hex_size(piece.size()) + ";chunk-signature=" + previous + "\r\n" + piece + "\r\n";
  }
  if (spoil) sent[sent.size() - 10] ^= 1;  // in the last signature
  request.content_length = sent.size();
  request.read_body = ServiceFixture::reader(sent);
  return ask.send(request);
}

}  // namespace

TEST_CASE("A body must have the checksum that its header states") {
  ServiceFixture ask;
  const auto algorithm =
      GENERATE(Algorithm::crc32, Algorithm::crc32c, Algorithm::crc64nvme, Algorithm::sha1, Algorithm::sha256);
  const std::string name(checksum_header(algorithm));
  CAPTURE(name);
  const auto stored = ask.put("k", "abc", {checksum_header_of(algorithm, "abc")});
  CHECK(stored.status == 200);
  CHECK(stored.header(name) == checksum_of(algorithm, "abc"));
  CHECK(ask.put("k", "abd", {checksum_header_of(algorithm, "abc")}).element("Code") == "BadDigest");
  CHECK(ask.put("k", "abc", {{name, "abc"}}).element("Code") == "InvalidRequest");
  CHECK(ask.put("k", "abc", {{name, "QUJDREVG"}}).element("Code") == "InvalidRequest");
  CHECK(ask({.path = "/audiostore/k"}).body == "abc");
}

TEST_CASE("What is said of a checksum must be true") {
  ServiceFixture ask;
  const Header crc = checksum_header_of(Algorithm::crc32, "abc");
  const std::string sdk = "x-amz-sdk-checksum-algorithm";
  CHECK(ask.put("k", "abc", {crc, {sdk, "CRC32"}}).status == 200);
  for (const Headers& headers :
       {Headers{crc, checksum_header_of(Algorithm::sha256, "abc")}, Headers{crc, {sdk, "SHA256"}},
        Headers{{sdk, "CRC32"}}, Headers{crc, {sdk, "CRC33"}}, Headers{{"x-amz-trailer", "x-amz-checksum-crc32"}},
        Headers{{"x-amz-decoded-content-length", "3"}}}) {
    CAPTURE(headers.back().name, headers.back().value);
    CHECK(ask.put("k", "abc", headers).element("Code") == "InvalidRequest");
  }
}

TEST_CASE("Bodies in chunks with a checksum behind them") {
  ServiceFixture ask;
  const auto stored = UnsignedChunks().put(ask);
  CHECK(stored.status == 200);
  CHECK(stored.header("x-amz-checksum-crc32") == checksum_of(Algorithm::crc32, "hello"));
  const auto got = ask({.path = "/audiostore/k"});
  CHECK(got.body == "hello");
  CHECK_FALSE(got.has_header("Content-Encoding"));
  const std::string large(3'000'000, 'x');
  const UnsignedChunks many{.body = large,
                            .trailer = "x-amz-checksum-sha256:" + checksum_of(Algorithm::sha256, large) + "\r\n",
                            .announced = "X-Amz-Checksum-Sha256",
                            .length = "3000000"};
  CHECK(many.put(ask).status == 200);
  CHECK(ask({.path = "/audiostore/k"}).body == large);
  const UnsignedChunks none{.body = "", .trailer = "x-amz-checksum-crc32:AAAAAA==\r\n", .length = "0"};
  CHECK(none.put(ask).status == 200);
  CHECK(ask({.path = "/audiostore/k"}).content_length == 0U);
}

TEST_CASE("Bodies in chunks that are not as announced are not stored") {
  ServiceFixture ask;
  CHECK(UnsignedChunks{.body = "hellO"}.refusal(ask) == "BadDigest");
  CHECK(UnsignedChunks{.trailer = "x-amz-checksum-sha1:AAAA\r\n"}.refusal(ask) == "MalformedTrailerError");
  CHECK(UnsignedChunks{.trailer = ""}.refusal(ask) == "MalformedTrailerError");
  CHECK(UnsignedChunks{.trailer = UnsignedChunks().trailer + "x-more:1\r\n"}.refusal(ask) == "MalformedTrailerError");
  CHECK(UnsignedChunks{.announced = ""}.refusal(ask) == "MalformedTrailerError");
  CHECK(UnsignedChunks{.announced = "x-amz-checksum-md5"}.refusal(ask) == "InvalidRequest");
  CHECK(UnsignedChunks{.announced = "x-amz-checksum-crc32,x-amz-checksum-sha1"}.refusal(ask) == "InvalidRequest");
  CHECK(UnsignedChunks{.length = ""}.refusal(ask) == "MissingContentLength");
  CHECK(UnsignedChunks{.length = "five"}.refusal(ask) == "InvalidArgument");
  CHECK(UnsignedChunks{.length = "6"}.refusal(ask) == "IncompleteBody");
  CHECK(UnsignedChunks{.length = "5368709121"}.refusal(ask) == "EntityTooLarge");
  const auto refusal_with = [&](Header header) { return UnsignedChunks{.more = {std::move(header)}}.refusal(ask); };
  CHECK(refusal_with(checksum_header_of(Algorithm::crc32, "hello")) == "InvalidRequest");
  CHECK(refusal_with({"x-amz-sdk-checksum-algorithm", "SHA1"}) == "InvalidRequest");
  CHECK(refusal_with({"Content-Encoding", "gzip,aws-chunked"}) == "NotImplemented");
  CHECK(ask.put("k", "1", {{"Content-Encoding", "aws-chunked"}}).element("Code") == "NotImplemented");
  CHECK(ask({.path = "/audiostore/k"}).status == 404);
}

TEST_CASE("A body of no announced length must say in its chunks how long it is") {
  ServiceFixture ask;
  const auto send = [&](Ask request) {
    IncomingRequest incoming = ask.sign(std::move(request));
    incoming.is_chunked = true;
    incoming.content_length = std::nullopt;
    return ask.send(incoming);
  };
  const std::string body = "5\r\nhello\r\n0\r\n" + UnsignedChunks().trailer + "\r\n";
  CHECK(send({.method = "PUT",
              .path = "/audiostore/k",
              .headers = {{"x-amz-decoded-content-length", "5"}, {"x-amz-trailer", "x-amz-checksum-crc32"}},
              .body = body,
              .payload_word = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
            .status == 200);
  CHECK(ask({.path = "/audiostore/k"}).body == "hello");
  for (const char* method : {"PUT", "GET", "DELETE"}) {
    CHECK(send({.method = method, .path = "/audiostore/k"}).element("Code") == "MissingContentLength");
  }
}

TEST_CASE("Bodies in signed chunks") {
  ServiceFixture ask;
  const std::string body =
      GENERATE(as<std::string>(), "", "abc", std::string(65'536, 'a'), std::string(2'000'000, 'b'));
  CHECK(put_signed(ask, body, true).status == 403);
  CHECK(ask({.path = "/audiostore/k"}).status == 404);
  CHECK(put_signed(ask, body).status == 200);
  CHECK(ask({.path = "/audiostore/k"}).body == body);
}

TEST_CASE("Words for a body that are not known are refused") {
  ServiceFixture ask;
  for (const char* word :
       {"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD", "STREAMING-", "x"}) {
    CAPTURE(word);
    CHECK(ask({.method = "PUT",
               .path = "/audiostore/k",
               .headers = {{"x-amz-decoded-content-length", "0"}},
               .body = "0\r\n\r\n",
               .payload_word = word})
              .element("Code") == "InvalidArgument");
  }
}

TEST_CASE("Requests without a body take no chunks") {
  ServiceFixture ask;
  CHECK(ask({.payload_word = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}).element("Code") == "MissingContentLength");
  CHECK(ask({.headers = {{"x-amz-decoded-content-length", "0"}}, .payload_word = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"})
            .element("Code") == "NotImplemented");
}
