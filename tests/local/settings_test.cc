#include "local/signed_request.h"

#include "core/checksums.h"
#include "core/crypto.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

/// Requests for one of the bucket's settings.
struct Setting {
  ServiceFixture& ask;
  std::string name;
  std::string root;

  Answer get() { return ask({.query = {{name, ""}}}); }
  Answer remove() { return ask({.method = "DELETE", .query = {{name, ""}}}); }
  Answer put_document(const std::string& body, const std::string& summed) {
    return ask({.method = "PUT",
                .query = {{name, ""}},
                .headers = {{"Content-MD5", to_base64(md5(as_bytes(summed)))}},
                .body = body});
  }
  Answer put(const std::string& rules) {
    const std::string body = "<" + root + ">" + rules + "</" + root + ">";
    return put_document(body, body);
  }
  std::string refusal(const std::string& rules) { return put(rules).element("Code"); }
};

Setting cors_of(ServiceFixture& ask) { return {ask, "cors", "CORSConfiguration"}; }
Setting lifecycle_of(ServiceFixture& ask) { return {ask, "lifecycle", "LifecycleConfiguration"}; }

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const std::string minimal_cors = "<AllowedOrigin>http://a</AllowedOrigin><AllowedMethod>GET</AllowedMethod>";

std::string cors_rule(const std::string& inner) { return "<CORSRule>" + inner + "</CORSRule>"; }

/// A preflight of a page at `origin`.
Answer preflight(ServiceFixture& ask, const std::string& origin, const std::string& method,
                 const std::string& headers = "") {
  IncomingRequest request{.head = {.method = "OPTIONS",
                                   .target = "/audiostore/k",
                                   .headers = {{"Origin", origin}, {"Access-Control-Request-Method", method}}}};
  if (!headers.empty()) request.head.headers.push_back({"Access-Control-Request-Headers", headers});
  return ask.send(request);
}

const std::string expire = "<Expiration><Days>1</Days></Expiration>";

std::string rule(const std::string& actions, const std::string& filter = "<Filter/>") {
  return "<Rule>" + filter + "<Status>Enabled</Status>" + actions + "</Rule>";
}

}  // namespace

TEST_CASE("A bucket has no settings until it is given some, and none when they are removed") {
  ServiceFixture ask;
  for (auto& [setting, rules, code] : {std::tuple(cors_of(ask), cors_rule(minimal_cors), "NoSuchCORSConfiguration"),
                                       std::tuple(lifecycle_of(ask), rule(expire), "NoSuchLifecycleConfiguration")}) {
    Setting tried = setting;
    CHECK(tried.get().status == 404);
    CHECK(tried.get().element("Code") == code);
    CHECK(tried.remove().status == 204);
    CHECK(tried.put(rules).status == 200);
    CHECK(tried.get().status == 200);
    CHECK(tried.put("").element("Code") == "MalformedXML");
    CHECK(tried.get().status == 200);
    CHECK(tried.remove().status == 204);
    CHECK(tried.get().element("Code") == code);
  }
}

TEST_CASE("Settings must come with a digest that is theirs, and be XML of their kind") {
  ServiceFixture ask;
  Setting cors = cors_of(ask);
  const std::string body = "<CORSConfiguration>" + cors_rule(minimal_cors) + "</CORSConfiguration>";
  CHECK(cors.put_document(body, "other").element("Code") == "BadDigest");
  CHECK(ask({.method = "PUT", .query = {{"cors", ""}}, .body = body}).element("Code") == "InvalidRequest");
  const std::string crc = Checksum(ChecksumAlgorithm::crc32).update(body).finish();
  CHECK(ask({.method = "PUT", .query = {{"cors", ""}}, .headers = {{"x-amz-checksum-crc32", crc}}, .body = body})
            .status == 200);
  for (const std::string& text : {std::string(""), std::string("<CORSConfiguration>"),
                                  std::string("<LifecycleConfiguration/>"), "<!DOCTYPE a>" + body}) {
    CAPTURE(text);
    CHECK(cors.put_document(text, text).element("Code") == "MalformedXML");
  }
  const std::string long_text(600'000, ' ');
  CHECK(cors.put_document(long_text, long_text).element("Code") == "EntityTooLarge");
}

TEST_CASE("CORS rules come back as they were given") {
  ServiceFixture ask;
  const std::string rules = cors_rule("<ID>a &amp; b</ID>" + minimal_cors +
                                      "<AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader>"
                                      "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds>") +
                            cors_rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod>");
  CHECK(cors_of(ask).put(rules).status == 200);
  CHECK(cors_of(ask).get().body.ends_with("<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
                                          rules + "</CORSConfiguration>"));
}

TEST_CASE("CORS rules that S3 would refuse") {
  ServiceFixture ask;
  Setting cors = cors_of(ask);
  const auto refusal = [&](const std::string& more) { return cors.refusal(cors_rule(minimal_cors + more)); };
  CHECK(refusal("") == "");
  CHECK(cors.refusal(cors_rule("<AllowedOrigin>a</AllowedOrigin>")) == "MalformedXML");
  CHECK(cors.refusal(cors_rule("<AllowedMethod>GET</AllowedMethod>")) == "MalformedXML");
  CHECK(cors.refusal(cors_rule(minimal_cors) + "<Rule/>") == "MalformedXML");
  CHECK(cors.refusal("text") == "MalformedXML");
  CHECK(refusal("<Other>1</Other>") == "MalformedXML");
  CHECK(refusal("<ID>1</ID><ID>2</ID>") == "MalformedXML");
  CHECK(refusal("<ID>" + std::string(256, 'a') + "</ID>") == "InvalidRequest");
  CHECK(refusal("<AllowedOrigin></AllowedOrigin>") == "MalformedXML");
  CHECK(refusal("<AllowedOrigin><b>1</b></AllowedOrigin>") == "MalformedXML");
  CHECK(refusal("<AllowedOrigin>a&#10;b</AllowedOrigin>") == "MalformedXML");
  CHECK(refusal("<AllowedOrigin>http://*.*</AllowedOrigin>") == "InvalidRequest");
  CHECK(refusal("<AllowedHeader>x-*-*</AllowedHeader>") == "InvalidRequest");
  CHECK(refusal("<AllowedMethod>PATCH</AllowedMethod>") == "InvalidRequest");
  CHECK(refusal("<AllowedMethod>get</AllowedMethod>") == "InvalidRequest");
  CHECK(refusal("<ExposeHeader>x-*</ExposeHeader>") == "InvalidRequest");
  CHECK(refusal("<ExposeHeader>a, b</ExposeHeader>") == "InvalidRequest");
  CHECK(refusal("<MaxAgeSeconds>-1</MaxAgeSeconds>") == "InvalidArgument");
  CHECK(refusal("<MaxAgeSeconds>3000000000</MaxAgeSeconds>") == "InvalidArgument");
  CHECK(cors.refusal(repeated(cors_rule(minimal_cors), 100)) == "");
  CHECK(cors.refusal(repeated(cors_rule(minimal_cors), 101)) == "MalformedXML");
}

TEST_CASE("Preflights are answered by the first rule that fits") {
  ServiceFixture ask;
  ServiceFixture other;
  CHECK(preflight(ask, "http://a", "GET").element("Code") == "AccessForbidden");
  CHECK(
      cors_of(ask)
          .put(cors_rule(minimal_cors + "<AllowedHeader>X-Amz-*</AllowedHeader><AllowedHeader>range</AllowedHeader>"
                                        "<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-request-id</ExposeHeader>"
                                        "<MaxAgeSeconds>60</MaxAgeSeconds>") +
               cors_rule("<AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>") +
               cors_rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod>"))
          .status == 200);
  const auto first = preflight(ask, "http://a", "GET", "Range, x-amz-date,");
  CHECK(first.status == 200);
  CHECK(first.header("Access-Control-Allow-Origin") == "http://a");
  CHECK(first.header("Access-Control-Allow-Credentials") == "true");
  CHECK(first.header("Access-Control-Allow-Methods") == "GET");
  CHECK(first.header("Access-Control-Allow-Headers") == "range, x-amz-date");
  CHECK(first.header("Access-Control-Expose-Headers") == "ETag, x-amz-request-id");
  CHECK(first.header("Access-Control-Max-Age") == "60");
  CHECK(preflight(ask, "http://a", "GET", "content-type").status == 403);
  CHECK(preflight(ask, "http://A", "GET").status == 403);
  CHECK(preflight(ask, "http://a", "PUT").status == 403);
  const auto second = preflight(ask, "https://app.example", "PUT");
  CHECK(second.header("Access-Control-Allow-Origin") == "https://app.example");
  CHECK_FALSE(second.has_header("Access-Control-Max-Age"));
  CHECK_FALSE(second.has_header("Access-Control-Allow-Headers"));
  for (const char* origin : {"https://app.example.org", "http://app.example", "https://.exampl", "https://example"}) {
    CAPTURE(origin);
    CHECK(preflight(ask, origin, "PUT").status == 403);
  }
  CHECK(preflight(ask, "https://app.example", "PUT", "content-type").status == 403);
  cors_of(other).put(
      cors_rule("<AllowedOrigin>https://ex*x.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"));
  CHECK(preflight(other, "https://exx.example", "GET").status == 200);
  CHECK(preflight(other, "https://ex.example", "GET").status == 403);
  const auto last = preflight(ask, "null", "HEAD");
  CHECK(last.header("Access-Control-Allow-Origin") == "*");
  CHECK_FALSE(last.has_header("Access-Control-Allow-Credentials"));
}

TEST_CASE("Answers follow the rules for their method, errors too") {
  ServiceFixture ask;
  cors_of(ask).put(cors_rule(minimal_cors));
  const auto read = ask({.path = "/audiostore/none", .headers = {{"Origin", "http://a"}}});
  CHECK(read.status == 404);
  CHECK(read.header("Access-Control-Allow-Origin") == "http://a");
  CHECK(read.header("Vary").find("Origin") != std::string::npos);
  const auto removed = ask({.method = "DELETE", .path = "/audiostore/k", .headers = {{"Origin", "http://a"}}});
  CHECK(removed.status == 204);
  CHECK_FALSE(removed.has_header("Access-Control-Allow-Origin"));
  cors_of(ask).remove();
  CHECK_FALSE(ask({.path = "/audiostore/none", .headers = {{"Origin", "http://a"}}}).has_header("Vary"));
}

TEST_CASE("The origins of the options go before the bucket's rules") {
  ServiceFixture ask({.allowed_origins = {"http://a"}});
  cors_of(ask).put(cors_rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"));
  CHECK(preflight(ask, "http://a", "DELETE", "content-type").status == 200);
  CHECK(preflight(ask, "http://b", "GET").header("Access-Control-Allow-Origin") == "*");
  CHECK(preflight(ask, "http://b", "DELETE").status == 403);
}

TEST_CASE("A lifecycle comes back as it was given, with an ID for every rule") {
  ServiceFixture ask;
  const std::string rules =
      "<Rule><ID>parts</ID><Filter><Prefix>takes/</Prefix></Filter><Status>Enabled</Status>"
      "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></"
      "Rule>"
      "<Rule><ID>old</ID><Filter><And><Prefix>a&amp;b</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>"
      "<Status>Disabled</Status><Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>"
      "<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>"
      "<Rule><ID>all</ID><Prefix></Prefix><Status>Enabled</Status>"
      "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
      "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>STANDARD_IA</StorageClass>"
      "</NoncurrentVersionTransition><NoncurrentVersionExpiration><NoncurrentDays>60</NoncurrentDays>"
      "<NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>";
  CHECK(lifecycle_of(ask).put(rules).status == 200);
  CHECK(lifecycle_of(ask).get().body.ends_with(rules + "</LifecycleConfiguration>"));
  CHECK(lifecycle_of(ask).put(rule(expire, "<ID></ID><Filter>\n </Filter>")).status == 200);
  CHECK(lifecycle_of(ask).get().element("ID").size() == 32);
}

TEST_CASE("Lifecycles that S3 would refuse") {
  ServiceFixture ask;
  Setting lifecycle = lifecycle_of(ask);
  const auto filtered = [&](const std::string& filter) {
    return lifecycle.refusal(rule(expire, "<Filter>" + filter + "</Filter>"));
  };
  const std::string tag = "<Tag><Key>k</Key><Value>v</Value></Tag>";
  CHECK(filtered(tag) == "");
  CHECK(filtered("<ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>") == "");
  CHECK(filtered("<ObjectSizeGreaterThan>many</ObjectSizeGreaterThan>") == "MalformedXML");
  CHECK(filtered("<Prefix>a</Prefix>" + tag) == "MalformedXML");
  CHECK(filtered("<And>" + tag + "</And>") == "MalformedXML");
  CHECK(filtered("<Tag><Key>k</Key></Tag>") == "MalformedXML");
  CHECK(filtered("<Suffix>a</Suffix>") == "MalformedXML");
  CHECK(filtered("text") == "MalformedXML");

  const auto acting = [&](const std::string& actions) { return lifecycle.refusal(rule(actions)); };
  const std::string abort =
      "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
  CHECK(acting("") == "InvalidRequest");
  CHECK(acting(abort) == "");
  CHECK(lifecycle.refusal(rule(abort, "<Filter>" + tag + "</Filter>")) == "InvalidRequest");
  CHECK(acting("<AbortIncompleteMultipartUpload/>") == "MalformedXML");
  CHECK(acting("<Expiration><Days>0</Days></Expiration>") == "InvalidArgument");
  CHECK(acting("<Expiration><Days>1.5</Days></Expiration>") == "InvalidArgument");
  CHECK(acting("<Expiration/>") == "MalformedXML");
  CHECK(acting("<Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>") == "MalformedXML");
  CHECK(acting("<Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration>") == "InvalidArgument");
  CHECK(acting("<Expiration><Date>2030-01-01</Date></Expiration>") == "InvalidArgument");
  CHECK(acting("<Expiration><ExpiredObjectDeleteMarker>yes</ExpiredObjectDeleteMarker></Expiration>") ==
        "MalformedXML");
  CHECK(acting(expire + expire) == "MalformedXML");
  CHECK(acting("<Transition><Days>1</Days></Transition>") == "MalformedXML");
  CHECK(acting("<Transition><Days>1</Days><StorageClass>STANDARD</StorageClass></Transition>") == "MalformedXML");
  CHECK(acting("<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>") ==
        "InvalidArgument");
  CHECK(acting(expire + "<Other/>") == "MalformedXML");

  CHECK(lifecycle.refusal(rule(expire, "")) == "MalformedXML");
  CHECK(lifecycle.refusal(rule(expire, "<Prefix>a</Prefix><Filter/>")) == "MalformedXML");
  CHECK(lifecycle.refusal("<Rule><Filter/><Status>On</Status>" + expire + "</Rule>") == "MalformedXML");
  CHECK(lifecycle.refusal("<Rule><Filter/>" + expire + "</Rule>") == "MalformedXML");
  const std::string named = rule(expire, "<ID>a</ID><Filter/>");
  CHECK(lifecycle.refusal(named + named) == "InvalidArgument");
  CHECK(lifecycle.refusal(rule(expire, "<ID>" + std::string(256, 'a') + "</ID><Filter/>")) == "InvalidArgument");
  CHECK(lifecycle.refusal(repeated(rule(expire), 1000)) == "");
  CHECK(lifecycle.refusal(repeated(rule(expire), 1001)) == "MalformedXML");
}
