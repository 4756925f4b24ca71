#include "local/breaking_store.h"
#include "local/signed_request.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace audiostore;
using namespace audiostore::local;
using namespace std::chrono_literals;

TEST_CASE("Every response has its id, date and guards") {
  ServiceFixture ask;
  for (const char* path : {"/audiostore", "/audiostore/none"}) {
    const auto answer = ask({.path = path});
    CHECK(answer.header("x-amz-request-id").size() == 16);
    CHECK(answer.header("Date") == "Fri, 24 May 2013 00:00:00 GMT");
    CHECK(answer.header("Server") == "audiostore");
    CHECK(answer.header("X-Content-Type-Options") == "nosniff");
    CHECK(answer.header("Content-Type") == "application/xml");
  }
}

TEST_CASE("Errors are S3's XML, and HEAD's have no body") {
  ServiceFixture ask;
  const auto missing = ask({.path = "/audiostore/%3Cnone%3E"});
  CHECK(missing.status == 404);
  CHECK(missing.element("Code") == "NoSuchKey");
  CHECK_FALSE(missing.element("Message").empty());
  CHECK(missing.element("Resource") == "/audiostore/%3Cnone%3E");
  CHECK(missing.element("RequestId") == missing.header("x-amz-request-id"));
  const auto head = ask({.method = "HEAD", .path = "/audiostore/none"});
  CHECK(head.status == 404);
  CHECK(head.body.empty());
  CHECK(head.content_length == std::nullopt);
}

TEST_CASE("Keys are refused, never folded") {
  ServiceFixture ask;
  const auto [path, code] = GENERATE(table<std::string, std::string>({{"/audiostore//a", "InvalidArgument"},
                                                                      {"/audiostore/a/", "InvalidArgument"},
                                                                      {"/audiostore/a//b", "InvalidArgument"},
                                                                      {"/audiostore/a/../b", "InvalidArgument"},
                                                                      {"/audiostore/./b", "InvalidArgument"},
                                                                      {"/audiostore/a%00", "InvalidArgument"},
                                                                      {"/audiostore/%FF", "InvalidArgument"}}));
  CAPTURE(path);
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    CHECK(ask({.method = method, .path = path}).element("Code") == code);
  }
  CHECK(ask({.path = "/audiostore/" + std::string(1025, 'a')}).element("Code") == "KeyTooLongError");
}

TEST_CASE("Unknown subresources are never answered with the resource") {
  ServiceFixture ask;
  ask.put("k", "1");
  for (const char* name : {"acl", "retention", "attributes", "torrent", "x-amz-acl"}) {
    CAPTURE(name);
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "POST"}) {
      CHECK(ask({.method = method, .path = "/audiostore/k", .query = {{name, "1"}}}).status == 501);
      CHECK(ask({.method = method, .path = "/audiostore", .query = {{name, ""}}}).status == 501);
    }
  }
  CHECK(ask({.path = "/audiostore/k"}).body == "1");
}

TEST_CASE("A header field is never taken for a subresource, nor a parameter for a header field") {
  ServiceFixture ask;
  ask.put("k", "1", {{"x-amz-tagging", "a=1"}});
  for (const char* name : {"tagging", "uploadId", "uploads"}) {
    CHECK(ask({.path = "/audiostore/k", .headers = {{name, "1"}}}).body == "1");
  }
  for (const char* name : {"cors", "lifecycle", "location", "uploads", "versioning", "versions"}) {
    CHECK(ask({.path = "/audiostore", .headers = {{name, "1"}}}).body.find("<ListBucketResult") != std::string::npos);
  }
  CHECK(ask({.method = "POST", .path = "/audiostore", .headers = {{"delete", "1"}}}).status == 405);
  CHECK(ask({.method = "DELETE", .path = "/audiostore/k", .headers = {{"tagging", "1"}}}).status == 204);
  CHECK(ask({.path = "/audiostore/k"}).status == 404);
  CHECK(ask({.method = "PUT", .path = "/audiostore/k", .query = {{"x-amz-copy-source", "/audiostore/k"}}}).status ==
        501);
}

TEST_CASE("Methods that a resource does not have") {
  ServiceFixture ask;
  for (const auto& [method, path] : {std::pair("POST", "/audiostore/k"), std::pair("PATCH", "/audiostore/k"),
                                     std::pair("DELETE", "/audiostore"), std::pair("PUT", "/")}) {
    CHECK(ask({.method = method, .path = path}).element("Code") == "MethodNotAllowed");
  }
}

TEST_CASE("The bucket can be in the host's name") {
  ServiceFixture ask;
  ask.put("k", "1");
  CHECK(ask({.path = "/k", .headers = {{"Host", "audiostore.localhost:9000"}}}).body == "1");
  CHECK(ask({.path = "/k", .headers = {{"Host", "other.localhost:9000"}}}).element("Code") == "NoSuchBucket");
}

TEST_CASE("Requests without a valid signature get nothing") {
  ServiceFixture ask;
  ask.put("k", "1");
  IncomingRequest plain{.head = {.method = "GET", .target = "/audiostore/k", .headers = {{"Host", "localhost"}}},
                        .read_body = ServiceFixture::reader("")};
  CHECK(ask.send(plain).element("Code") == "AccessDenied");
  const sigv4::SigningKey key(*ask.credentials, "20130524", {.region = "us-east-1"});
  const std::string origin = "http://localhost";
  const std::string url = sigv4::presign(origin + "/audiostore/k",
                                         {.method = "GET",
                                          .host = "localhost",
                                          .path_begin = origin.size(),
                                          .parameters = {},
                                          .headers = {},
                                          .expires_in = 60s},
                                         ask.clock->now(), key);
  plain.head.target = url.substr(origin.size());
  CHECK(ask.send(plain).body == "1");
  ask.clock->advance(60s);
  const auto expired = ask.send(plain);
  CHECK(expired.status == 403);
  CHECK(expired.element("Message") == "Request has expired");
  CHECK(expired.element("Resource") == "/audiostore/k");
  CHECK(expired.body.find("Signature=") == std::string::npos);
}

TEST_CASE("Pages of allowed origins may read, others are not told anything") {
  ServiceFixture ask({.allowed_origins = {"http://localhost:8080"}});
  const auto preflight = [&](const std::string& origin, const std::string& method) {
    IncomingRequest request{.head = {.method = "OPTIONS",
                                     .target = "/audiostore/k?X-Amz-Signature=x",
                                     .headers = {{"Origin", origin},
                                                 {"Access-Control-Request-Method", method},
                                                 {"Access-Control-Request-Headers", "content-type,x-amz-meta-a"}}}};
    return ask.send(request);
  };
  const auto allowed = preflight("http://localhost:8080", "PUT");
  CHECK(allowed.status == 200);
  CHECK(allowed.header("Access-Control-Allow-Origin") == "http://localhost:8080");
  CHECK(allowed.header("Access-Control-Allow-Headers") == "content-type, x-amz-meta-a");
  CHECK(allowed.header("Access-Control-Allow-Methods").find("PUT") != std::string::npos);
  CHECK(preflight("http://localhost:8080", "TRACE").status == 403);
  const auto refused = preflight("http://localhost:8081", "GET");
  CHECK(refused.status == 403);
  CHECK_FALSE(refused.has_header("Access-Control-Allow-Origin"));
  const auto read = ask({.path = "/audiostore/none", .headers = {{"Origin", "http://localhost:8080"}}});
  CHECK(read.header("Access-Control-Allow-Origin") == "http://localhost:8080");
  CHECK(read.header("Access-Control-Expose-Headers").find("ETag") != std::string::npos);
  CHECK(read.header("Vary").find("Origin") != std::string::npos);
  const auto other = ask({.path = "/audiostore/none", .headers = {{"Origin", "null"}}});
  CHECK_FALSE(other.has_header("Access-Control-Allow-Origin"));
}

TEST_CASE("Errors of the store are S3's errors, without its internals") {
  ServiceFixture ask({}, std::make_shared<BreakingStore>());
  CHECK(ask.put("k", "1").status == 507);
  CHECK(ask({}).element("Code") == "ServiceUnavailable");
  for (const auto& answer :
       {ask({.path = "/audiostore/internal"}), ask({.method = "DELETE", .path = "/audiostore/k"})}) {
    CHECK(answer.status == 500);
    CHECK(answer.element("Code") == "InternalError");
    CHECK(answer.body.find("secret") == std::string::npos);
  }
}
