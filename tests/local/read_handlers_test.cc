#include "local/breaking_store.h"
#include "local/signed_request.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

TEST_CASE("An object comes back as it was put") {
  ServiceFixture ask;
  const auto put = ask.put("a/b c+%41é.wav", "0123456789",
                           {{"Content-Type", "audio/wav"},
                            {"Cache-Control", "private"},
                            {"Content-Disposition", "attachment; filename=\"x\""},
                            {"x-amz-meta-mood", "calm"},
                            {"X-Amz-Meta-UPPER", "1"}});
  REQUIRE(put.status == 200);
  CHECK(put.header("ETag") == etag_of("0123456789"));
  for (const char* method : {"GET", "HEAD"}) {
    const auto got = ask({.method = method, .path = "/audiostore/a/b%20c%2B%2541%C3%A9.wav"});
    CHECK(got.status == 200);
    CHECK(got.body == (got.status == 200 && std::string(method) == "GET" ? "0123456789" : ""));
    CHECK(got.content_length == 10);
    CHECK(got.header("Content-Type") == "audio/wav");
    CHECK(got.header("Cache-Control") == "private");
    CHECK(got.header("Content-Disposition") == "attachment; filename=\"x\"");
    CHECK(got.header("x-amz-meta-mood") == "calm");
    CHECK(got.header("x-amz-meta-upper") == "1");
    CHECK(got.header("ETag") == etag_of("0123456789"));
    CHECK(got.header("Last-Modified") == "Fri, 24 May 2013 00:00:00 GMT");
    CHECK(got.header("Accept-Ranges") == "bytes");
  }
}

TEST_CASE("Ranges are answered as S3 answers them") {
  ServiceFixture ask;
  ask.put("k", "0123456789");
  const auto [range, status, body, content_range] = GENERATE(table<std::string, int, std::string, std::string>({
      {"bytes=0-1", 206, "01", "bytes 0-1/10"},
      {"bytes=0-", 206, "0123456789", "bytes 0-9/10"},
      {"bytes=8-100", 206, "89", "bytes 8-9/10"},
      {"bytes=-3", 206, "789", "bytes 7-9/10"},
      {"bytes=-100", 206, "0123456789", "bytes 0-9/10"},
      {"bytes=9-9", 206, "9", "bytes 9-9/10"},
      {"bytes=10-", 416, "", "bytes */10"},
      {"bytes=-0", 416, "", "bytes */10"},
      {"bytes=2-1", 200, "0123456789", ""},
      {"bytes=0-1,3-4", 200, "0123456789", ""},
      {"bytes=a-b", 200, "0123456789", ""},
      {"items=0-1", 200, "0123456789", ""},
  }));
  CAPTURE(range);
  const auto got = ask({.path = "/audiostore/k", .headers = {{"Range", range}}});
  CHECK(got.status == status);
  CHECK(got.header("Content-Range") == content_range);
  if (status == 416) {
    CHECK(got.element("Code") == "InvalidRange");
  } else {
    CHECK(got.body == body);
    CHECK(got.content_length == body.size());
  }
  const auto head = ask({.method = "HEAD", .path = "/audiostore/k", .headers = {{"Range", range}}});
  CHECK(head.status == status);
  CHECK(head.header("Content-Range") == content_range);
}

TEST_CASE("No range of an empty object can be had") {
  ServiceFixture ask;
  ask.put("empty", "");
  CHECK(ask({.path = "/audiostore/empty"}).status == 200);
  CHECK(ask({.path = "/audiostore/empty", .headers = {{"Range", "bytes=0-"}}}).header("Content-Range") == "bytes */0");
}

TEST_CASE("If-Range applies the range to the object that the client knows") {
  ServiceFixture ask;
  ask.put("k", "0123456789");
  const auto [condition, status] = GENERATE(table<std::string, int>({{etag_of("0123456789"), 206},
                                                                     {"W/" + etag_of("0123456789"), 200},
                                                                     {"\"other\"", 200},
                                                                     {"Fri, 24 May 2013 00:00:00 GMT", 206},
                                                                     {"Fri, 24 May 2013 00:00:01 GMT", 200}}));
  CHECK(ask({.path = "/audiostore/k", .headers = {{"Range", "bytes=0-1"}, {"If-Range", condition}}}).status == status);
}

TEST_CASE("Conditions on reads") {
  ServiceFixture ask;
  const std::string etag = etag_of("0123456789");
  ask.put("k", "0123456789", {{"Cache-Control", "private"}});
  const auto [name, value, status] = GENERATE_COPY(table<std::string, std::string, int>({
      {"If-Match", etag, 200},
      {"If-Match", etag.substr(1, 32), 200},
      {"If-Match", "*", 200},
      {"If-Match", "\"other\"", 412},
      {"If-None-Match", etag, 304},
      {"If-None-Match", "\"other\"", 200},
      {"If-Modified-Since", "Fri, 24 May 2013 00:00:00 GMT", 304},
      {"If-Modified-Since", "Thu, 23 May 2013 00:00:00 GMT", 200},
      {"If-Modified-Since", "yesterday", 200},
      {"If-Unmodified-Since", "Thu, 23 May 2013 00:00:00 GMT", 412},
      {"If-Unmodified-Since", "Fri, 24 May 2013 00:00:00 GMT", 200},
  }));
  CAPTURE(name, value);
  const auto got = ask({.path = "/audiostore/k", .headers = {{name, value}}});
  CHECK(got.status == status);
  if (status == 304) {
    CHECK(got.header("ETag") == etag);
    CHECK(got.header("Cache-Control") == "private");
    CHECK(got.body.empty());
    CHECK(got.content_length == std::nullopt);
  }
}

TEST_CASE("The signer of a read can replace its headers, but not inject any") {
  ServiceFixture ask;
  ask.put("k", "x", {{"Content-Type", "audio/wav"}});
  const auto got = ask({.path = "/audiostore/k",
                        .query = {{"response-content-type", "audio/ogg"},
                                  {"response-content-disposition", "inline"},
                                  {"response-cache-control", "no-store"}}});
  CHECK(got.header("Content-Type") == "audio/ogg");
  CHECK(got.header("Content-Disposition") == "inline");
  CHECK(got.header("Cache-Control") == "no-store");
  const auto injected = ask({.path = "/audiostore/k", .query = {{"response-content-type", "a\r\nSet-Cookie: b"}}});
  CHECK(injected.element("Code") == "InvalidArgument");
}

TEST_CASE("A read that breaks off is not made whole, and one that was overtaken starts again") {
  ServiceFixture ask({}, std::make_shared<BreakingStore>());
  const auto broken = ask({.path = "/audiostore/k"});
  CHECK(broken.content_length == 10);
  CHECK(broken.body == "0123");
  const auto replaced = ask({.path = "/audiostore/replaced"});
  CHECK(replaced.status == 200);
  CHECK(replaced.body == "0123");
}

TEST_CASE("An object is one part") {
  ServiceFixture ask;
  ask.put("k", "0123456789");
  ask.put("empty", "");
  const auto part = [&](const std::string& key, const std::string& number, Headers headers = {}) {
    return ask({.path = "/audiostore/" + key, .query = {{"partNumber", number}}, .headers = std::move(headers)});
  };
  const auto first = part("k", "1");
  CHECK(first.status == 206);
  CHECK(first.body == "0123456789");
  CHECK(first.header("Content-Range") == "bytes 0-9/10");
  CHECK(part("empty", "1").status == 200);
  CHECK(part("k", "2").status == 416);
  CHECK(part("k", "2").element("Code") == "InvalidPartNumber");
  CHECK(part("k", "0").element("Code") == "InvalidArgument");
  CHECK(part("k", "10001").element("Code") == "InvalidArgument");
  CHECK(part("k", "1", {{"Range", "bytes=0-1"}}).element("Code") == "InvalidRequest");
  CHECK(ask({.method = "HEAD", .path = "/audiostore/k", .query = {{"partNumber", "1"}}}).content_length == 10U);
}

TEST_CASE("An object has one version") {
  ServiceFixture ask;
  ask.put("k", "1");
  const auto with = [&](const std::string& method, const std::string& version) {
    return ask({.method = method, .path = "/audiostore/k", .query = {{"versionId", version}}});
  };
  for (const char* method : {"GET", "HEAD", "DELETE"}) CHECK(with(method, "3sL4kqtJlcpXroDTDmJ").status == 400);
  CHECK(with("GET", "1").element("Code") == "InvalidArgument");
  CHECK(with("GET", "null").body == "1");
  CHECK(with("HEAD", "null").header("x-amz-version-id") == "null");
  CHECK_FALSE(ask({.path = "/audiostore/k"}).has_header("x-amz-version-id"));
  const auto removed = with("DELETE", "null");
  CHECK(removed.status == 204);
  CHECK(removed.header("x-amz-version-id") == "null");
  CHECK(with("GET", "null").status == 404);
}
