#include "local/breaking_store.h"
#include "local/signed_request.h"

#include "core/crypto.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

std::string md5_of(std::string_view text) { return to_base64(md5(as_bytes(text))); }

}  // namespace

TEST_CASE("Bodies must be those that were promised") {
  ServiceFixture ask;
  CHECK(ask.put("k", "abc", {{"Content-MD5", md5_of("abc")}}).status == 200);
  CHECK(ask.put("k", "abc", {{"Content-MD5", md5_of("abd")}}).element("Code") == "BadDigest");
  CHECK(ask.put("k", "abc", {{"Content-MD5", "abc"}}).element("Code") == "InvalidDigest");
  CHECK(ask({.method = "PUT", .path = "/audiostore/k", .body = "abc", .payload_word = "UNSIGNED-PAYLOAD"}).status ==
        200);
}

TEST_CASE("A body with another hash than the signed one is not stored, small or spooled") {
  ServiceFixture ask;
  const std::size_t size = GENERATE(3U, (1U << 20U) + 1U, 3'000'000U);
  std::string body(size, 'a');
  IncomingRequest request{.head = {.method = "PUT", .target = "/audiostore/k"}, .content_length = size};
  const sigv4::SigningKey key(*ask.credentials, "20130524", {.region = "us-east-1"});
  request.head.headers = sigv4::sign({.method = "PUT",
                                      .path = "/audiostore/k",
                                      .query = {},
                                      .headers = {{"Host", "localhost"}},
                                      .payload_hash = to_hex(sha256(body))},
                                     ask.clock->now(), key)
                             .headers;
  std::string changed = body;
  changed.back() = 'b';
  request.read_body = ServiceFixture::reader(changed);
  CHECK(ask.send(request).element("Code") == "XAmzContentSHA256Mismatch");
  CHECK(ask({.path = "/audiostore/k"}).status == 404);
  request.read_body = ServiceFixture::reader(body);
  CHECK(ask.send(request).status == 200);
  CHECK(ask({.path = "/audiostore/k"}).body == body);
  request.content_length = std::nullopt;
  CHECK(ask.send(request).element("Code") == "MissingContentLength");
}

TEST_CASE("Objects over the limit are refused before a byte is read") {
  ServiceFixture ask({.max_object_bytes = 10});
  CHECK(ask.put("k", std::string(10, 'a')).status == 200);
  CHECK(ask.put("k", std::string(11, 'a')).element("Code") == "EntityTooLarge");
}

TEST_CASE("If-None-Match: * keeps what is there") {
  ServiceFixture ask;
  CHECK(ask.put("k", "1", {{"If-None-Match", "*"}}).status == 200);
  CHECK(ask.put("k", "2", {{"If-None-Match", "*"}}).element("Code") == "PreconditionFailed");
  CHECK(ask({.path = "/audiostore/k"}).body == "1");
}

TEST_CASE("What would be lost or not done is refused") {
  ServiceFixture ask;
  ask.put("k", "1");
  const auto [name, value] =
      GENERATE(table<std::string, std::string>({{"x-amz-server-side-encryption", "aws:kms"},
                                                {"x-amz-server-side-encryption-aws-kms-key-id", "k"},
                                                {"x-amz-server-side-encryption-customer-algorithm", "AES256"},
                                                {"x-amz-object-lock-mode", "GOVERNANCE"},
                                                {"x-amz-acl", "public-read"},
                                                {"x-amz-storage-class", "GLACIER"},
                                                {"x-amz-checksum-md5", "AAAAAA=="},
                                                {"x-amz-expected-bucket-owner", "1"},
                                                {"Content-Encoding", "gzip"},
                                                {"Expires", "0"},
                                                {"If-Match", "*"},
                                                {"If-Match", "\"a\", \"b\""},
                                                {"If-None-Match", "\"a\""}}));
  CAPTURE(name);
  CHECK(ask.put("k", "2", {{name, value}}).element("Code") == "NotImplemented");
  CHECK(ask({.path = "/audiostore/k"}).body == "1");
}

TEST_CASE("If-Match replaces the object that the client knows, and no other") {
  ServiceFixture ask;
  CHECK(ask.put("k", "1", {{"If-Match", etag_of("1")}}).element("Code") == "NoSuchKey");
  ask.put("k", "1");
  CHECK(ask.put("k", "2", {{"If-Match", etag_of("2")}}).element("Code") == "PreconditionFailed");
  CHECK(ask.put("k", "2", {{"If-Match", etag_of("1")}}).status == 200);
  CHECK(ask.put("k", "3", {{"If-Match", etag_of("2").substr(1, 32)}}).status == 200);
  CHECK(ask.put("k", "4", {{"If-Match", etag_of("3")}, {"If-None-Match", "*"}}).element("Code") == "NotImplemented");
  CHECK(ask({.path = "/audiostore/k"}).body == "3");
}

TEST_CASE("What the store cannot do is refused before the body is read") {
  ServiceFixture ask({}, std::make_shared<BreakingStore>());
  for (const Header& header : Headers{{"x-amz-tagging", "a=b"}, {"If-Match", "\"a\""}, {"If-None-Match", "*"}}) {
    CAPTURE(header.name);
    IncomingRequest request = ask.sign({.method = "PUT", .path = "/audiostore/k", .headers = {header}, .body = "1"});
    request.read_body = [](std::span<std::byte>) -> Result<std::size_t> { return Error(ErrorCode::internal, "read"); };
    CHECK(ask.send(request).element("Code") == "NotImplemented");
  }
}

TEST_CASE("Encryption by S3's own keys is what there is, and is confirmed") {
  ServiceFixture ask;
  const Header encryption{"x-amz-server-side-encryption", "AES256"};
  CHECK(ask.put("k", "1", {encryption}).header(encryption.name) == "AES256");
  CHECK_FALSE(ask.put("k", "1").has_header(encryption.name));
  const auto begun =
      ask({.method = "POST", .path = "/audiostore/k", .query = {{"uploads", ""}}, .headers = {encryption}});
  CHECK(begun.header(encryption.name) == "AES256");
  const auto copied =
      ask({.method = "PUT", .path = "/audiostore/b", .headers = {encryption, {"x-amz-copy-source", "audiostore/k"}}});
  CHECK(copied.header(encryption.name) == "AES256");
}

TEST_CASE("Storage classes") {
  ServiceFixture ask;
  const auto stored_as = [&](const std::string& name) { return ask.put("k", "1", {{"x-amz-storage-class", name}}); };
  CHECK(stored_as("STANDARD").status == 200);
  CHECK(stored_as("STANDARD_IA").element("Code") == "NotImplemented");
  CHECK(stored_as("standard").element("Code") == "InvalidStorageClass");
  CHECK(stored_as("").element("Code") == "InvalidStorageClass");
  CHECK_FALSE(ask({.path = "/audiostore/k"}).has_header("x-amz-storage-class"));
}

TEST_CASE("Metadata has S3's limits") {
  ServiceFixture ask;
  CHECK(ask.put("k", "", {{"x-amz-meta-a", std::string(2047, 'x')}}).status == 200);
  CHECK(ask.put("k", "", {{"x-amz-meta-a", std::string(2048, 'x')}}).element("Code") == "MetadataTooLarge");
  CHECK(ask.put("k", "", {{"x-amz-meta-a", "\xc3\xa9"}}).element("Code") == "InvalidArgument");
}

TEST_CASE("Removing succeeds whether there is something or not") {
  ServiceFixture ask;
  ask.put("k", "1");
  for (int i = 0; i < 2; ++i) {
    const auto gone = ask({.method = "DELETE", .path = "/audiostore/k"});
    CHECK(gone.status == 204);
    CHECK(gone.content_length == std::nullopt);
  }
  CHECK(ask({.path = "/audiostore/k"}).status == 404);
}

TEST_CASE("Copies") {
  ServiceFixture ask;
  ask.put("from é", "1", {{"Content-Type", "audio/wav"}, {"x-amz-meta-a", "1"}});
  const auto copy = [&](const std::string& to, Headers headers) {
    return ask({.method = "PUT", .path = "/audiostore/" + to, .headers = std::move(headers)});
  };
  const Header source{"x-amz-copy-source", "audiostore/from%20%C3%A9"};
  const auto copied = copy("to", {source});
  CHECK(copied.status == 200);
  CHECK(copied.element("ETag") == "&quot;" + to_hex(md5(as_bytes("1"))) + "&quot;");
  CHECK(copied.element("LastModified") == "2013-05-24T00:00:00.000Z");
  CHECK(ask({.path = "/audiostore/to"}).header("x-amz-meta-a") == "1");
  CHECK(copy("to", {{"x-amz-copy-source", "/audiostore/from%20%C3%A9"}}).status == 200);
  CHECK(copy("to", {source, {"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-b", "2"}}).status == 200);
  CHECK(ask({.path = "/audiostore/to"}).header("x-amz-meta-a") == "");
  CHECK(ask({.path = "/audiostore/to"}).header("x-amz-meta-b") == "2");
  CHECK(copy("from%20%C3%A9", {source}).element("Code") == "InvalidRequest");
  CHECK(copy("to", {source, {"x-amz-metadata-directive", "MERGE"}}).element("Code") == "InvalidArgument");
  CHECK(copy("to", {source, {"x-amz-copy-source-if-match", etag_of("1")}}).status == 200);
  CHECK(copy("to", {source, {"x-amz-copy-source-if-match", "\"x\""}}).element("Code") == "PreconditionFailed");
  CHECK(copy("to", {source, {"x-amz-copy-source-if-none-match", "\"x\""}}).element("Code") == "NotImplemented");
  CHECK(copy("to", {{"x-amz-copy-source", "other/a"}}).element("Code") == "NoSuchBucket");
  CHECK(copy("to", {{"x-amz-copy-source", "audiostore/none"}}).element("Code") == "NoSuchKey");
  CHECK(copy("to", {{"x-amz-copy-source", "audiostore/a/../b"}}).element("Code") == "InvalidArgument");
  CHECK(copy("to", {{"x-amz-copy-source", "audiostore/a?versionId=1"}}).element("Code") == "NotImplemented");
  CHECK(copy("to", {{"x-amz-copy-source", "audiostore/from%20%C3%A9?versionId=null"}}).status == 200);
  CHECK(copy("to", {source, {"x-amz-tagging-directive", "REPLACE"}}).element("Code") == "NotImplemented");
}
