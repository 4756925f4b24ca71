#include "local/request_verifier.h"

#include "core/dates.h"
#include "core/text.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <string>

using namespace audiostore;
using namespace audiostore::local;
using namespace std::chrono_literals;

namespace {

const std::string empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const std::string credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

std::shared_ptr<const Credentials> example_credentials(std::string_view token = {}) {
  return std::make_shared<const Credentials>(
      Credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                  .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                  .session_token = Secret(token)});
}

/// A request as a test can bend it.
struct Signed {
  std::string method;
  std::string target;
  Headers headers;

  void set(std::string_view name, std::string value) {
    std::erase_if(headers, [&](const Header& h) { return equal_ignoring_case(h.name, name); });
    headers.push_back({std::string(name), std::move(value)});
  }
  void remove(std::string_view name) {
    std::erase_if(headers, [&](const Header& h) { return equal_ignoring_case(h.name, name); });
  }
  /// Replaces text in the Authorization header and the target; fails the test where there is none.
  void replace(std::string_view from, std::string_view to) {
    std::string* authorization = nullptr;
    for (Header& h : headers) {
      if (h.name == "Authorization") authorization = &h.value;
    }
    int replaced = 0;
    for (std::string* text : {authorization, &target}) {
      if (text == nullptr || text->find(from) == std::string::npos) continue;
      text->replace(text->find(from), from.size(), to);
      ++replaced;
    }
    REQUIRE(replaced > 0);
  }
};

Signed example(std::string method, std::string target, Headers more, std::string names, std::string signature,
               std::string hash = empty_hash) {
  Signed request{std::move(method), std::move(target), std::move(more)};
  request.set("Host", "examplebucket.s3.amazonaws.com");
  request.set("x-amz-date", "20130524T000000Z");
  request.set("x-amz-content-sha256", std::move(hash));
  request.set("Authorization",
              "AWS4-HMAC-SHA256 Credential=" + credential + ",SignedHeaders=" + names + ",Signature=" + signature);
  return request;
}

// The examples that AWS publishes in "Authenticating Requests" of the S3 API reference.
Signed published_get() {
  return example("GET", "/test.txt", {{"Range", "bytes=0-9"}}, "host;range;x-amz-content-sha256;x-amz-date",
                 "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}
Signed published_put() {
  return example("PUT", "/test%24file.text",
                 {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                 "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                 "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                 "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
}
Signed published_lifecycle() {
  return example("GET", "/?lifecycle", {}, "host;x-amz-content-sha256;x-amz-date",
                 "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}
Signed published_list() {
  return example("GET", "/?max-keys=2&prefix=J", {}, "host;x-amz-content-sha256;x-amz-date",
                 "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}
Signed published_presigned() {
  return {"GET",
          "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + uri_encode(credential, UriPart::component) +
              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
              "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
          {{"Host", "examplebucket.s3.amazonaws.com"}}};
}

struct Verifying {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();  // stands at 20130524T000000Z
  std::shared_ptr<const Credentials> credentials = example_credentials();

  [[nodiscard]] Result<VerifiedRequest> operator()(const Signed& request, std::string_view region = "us-east-1") const {
    const auto target = parse_target(request.target);
    if (!target) return target.error();
    return RequestVerifier(credentials, std::string(region), clock).verify({request.method, *target, request.headers});
  }
  /// The S3 code of the refusal, "" where there is none.
  [[nodiscard]] std::string refusal(const Signed& request, std::string_view region = "us-east-1") const {
    const auto verified = (*this)(request, region);
    return verified ? "" : verified.error().service_code();
  }
};

using Tampering = std::function<void(Signed&)>;

}  // namespace

TEST_CASE("The published signatures of S3 verify") {
  const Verifying verify;
  CHECK(verify(published_get()).value().body_sha256 == empty_hash);
  CHECK(verify(published_put()).value().body_sha256 ==
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
  CHECK(verify(published_lifecycle()));
  CHECK(verify(published_list()));
  CHECK(verify(published_presigned()).value().body_sha256 == std::nullopt);
}

TEST_CASE("The published signature of a form's policy verifies") {
  // AWS, "Example: Browser-Based Upload using HTTP POST"; its lines end with CRLF.
  std::string json;
  for (const char* line :
       {R"({ "expiration": "2015-12-30T12:00:00.000Z",)", R"(  "conditions": [)",
        R"(    {"bucket": "sigv4examplebucket"},)", R"(    ["starts-with", "$key", "user/user1/"],)",
        R"(    {"acl": "public-read"},)",
        R"(    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},)",
        R"(    ["starts-with", "$Content-Type", "image/"],)", R"(    {"x-amz-meta-uuid": "14365123651274"},)",
        R"(    {"x-amz-server-side-encryption": "AES256"},)", R"(    ["starts-with", "$x-amz-meta-tag", ""],)", "",
        R"(    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},)",
        R"(    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},)", R"(    {"x-amz-date": "20151229T000000Z" })", "  ]"}) {
    json.append(line).append("\r\n");
  }
  std::string policy = to_base64(as_bytes(json + "}"));
  const auto clock = std::make_shared<ManualClock>(parse_amz_date("20151229T000000Z").value());
  const RequestVerifier verifier(example_credentials(), "us-east-1", clock);
  const auto refusal = [&](std::string_view policy_sent) {
    const auto verified =
        verifier.verify_policy({.policy = policy_sent,
                                .algorithm = "AWS4-HMAC-SHA256",
                                .credential = "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
                                .date = "20151229T000000Z",
                                .signature = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
                                .token = std::nullopt});
    return verified ? "" : std::string(verified.error().service_code());
  };
  CHECK(refusal(policy) == "");
  policy.front() = 'f';
  CHECK(refusal(policy) == "SignatureDoesNotMatch");
}

TEST_CASE("What does not change the request does not change its signature") {
  const Verifying verify;
  Signed reordered = published_list();
  reordered.target = "/?prefix=%4A&max-keys=2";
  std::ranges::reverse(reordered.headers);
  CHECK(verify.refusal(reordered) == "");
  Signed unsigned_header = published_get();
  unsigned_header.set("User-Agent", "somebody");
  CHECK(verify.refusal(unsigned_header) == "");
  Signed spaced = published_put();
  spaced.set("date", "Fri,  24   May 2013 00:00:00 GMT");
  CHECK(verify.refusal(spaced) == "");
  Signed valueless = published_lifecycle();
  valueless.target = "/?lifecycle=";
  CHECK(verify.refusal(valueless) == "");
}

TEST_CASE("A header-signed request that was tampered with is refused") {
  const auto [code, tamper] = GENERATE(table<std::string, Tampering>({
      {"SignatureDoesNotMatch", [](Signed& r) { r.method = "PUT"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target = "/test.txt/"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target = "//test.txt"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target = "/x/../test.txt"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target = "/test%252etxt"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target = "/test.txt?acl"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.set("Range", "bytes=0-99"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.set("Range", "bytes=0-9,10-19"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.remove("Range"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.set("Host", "examplebucket.s3.amazonaws.com:80"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.set("x-amz-date", "20130524T000001Z"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("f0e8bd", "f0e8be"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("f0e8bd", "F0E8BD"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("Signature=f0", "Signature="); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("host;range;", "host;"); }},
      {"AccessDenied", [](Signed& r) { r.set("x-amz-meta-a", "1"); }},
      {"AccessDenied", [](Signed& r) { r.set("X-AMZ-Acl", "public-read"); }},
      {"AccessDenied", [](Signed& r) { r.remove("Authorization"); }},
      {"AccessDenied", [](Signed& r) { r.remove("x-amz-date"); }},
      {"AccessDenied", [](Signed& r) { r.set("x-amz-date", "yesterday"); }},
      {"InvalidRequest", [](Signed& r) { r.remove("x-amz-content-sha256"); }},
      {"InvalidRequest", [](Signed& r) { r.set("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:c2ln"); }},
      {"InvalidArgument", [](Signed& r) { r.target = published_presigned().target; }},
      {"InvalidAccessKeyId", [](Signed& r) { r.replace("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLF"); }},
      {"InvalidToken", [](Signed& r) {
         r.set("x-amz-security-token", "t");
         r.replace("x-amz-date", "x-amz-date;x-amz-security-token");
       }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("20130524/", "20130525/"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("us-east-1", "us-west-2"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("/s3/", "/ec2/"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("aws4_request", "aws5_request"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("/aws4_request", ""); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("host;range", "range;host"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("host;", "host;host;"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("host;range", "range"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace("host;", "Host;"); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace(",Signature=", ",Signatures="); }},
      {"AuthorizationHeaderMalformed", [](Signed& r) { r.replace(",Signature=", ",Signature=a,Signature="); }},
  }));
  Signed request = published_get();
  tamper(request);
  const Verifying verify;
  CHECK(verify.refusal(request) == code);
}

TEST_CASE("Each published header signature refuses every changed bit of itself") {
  const Verifying verify;
  for (const Signed& published : {published_get(), published_put(), published_lifecycle(), published_list()}) {
    const std::string authorization(*find_header(published.headers, "Authorization"));
    for (std::size_t i = authorization.size() - 64; i < authorization.size(); ++i) {
      Signed request = published;
      std::string changed = authorization;
      changed[i] = changed[i] == '0' ? '1' : '0';
      request.set("Authorization", changed);
      REQUIRE(verify.refusal(request) == "SignatureDoesNotMatch");
    }
  }
}

TEST_CASE("A presigned request that was tampered with is refused") {
  const auto [code, tamper] = GENERATE(table<std::string, Tampering>({
      {"SignatureDoesNotMatch", [](Signed& r) { r.method = "HEAD"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("/test.txt", "/test2.txt"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target += "&response-content-type=text%2Fhtml"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("Expires=86400", "Expires=86401"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("T000000Z", "T000001Z"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.replace("aeeed9", "aeeed8"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.target += "0"; }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.set("Host", "otherbucket.s3.amazonaws.com"); }},
      {"SignatureDoesNotMatch", [](Signed& r) { r.remove("Host"); }},
      {"SignatureDoesNotMatch",
       [](Signed& r) { r.replace("SignedHeaders=host", "SignedHeaders=content-type%3Bhost"); }},
      {"AccessDenied", [](Signed& r) { r.set("x-amz-meta-a", "1"); }},
      {"InvalidToken", [](Signed& r) { r.target += "&X-Amz-Security-Token=t"; }},
      {"InvalidAccessKeyId", [](Signed& r) { r.replace("AKIA", "BKIA"); }},
      {"InvalidArgument", [](Signed& r) { r.target += "&X-Amz-Expires=604800"; }},
      {"InvalidArgument", [](Signed& r) { r.target += "&X-Amz-Security-Token=&X-Amz-Security-Token="; }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("&X-Amz-Expires=86400", ""); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("Expires=86400", "Expires=0"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("Expires=86400", "Expires=-1"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("Expires=86400", "Expires=604801"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("&X-Amz-Signature", "&x-amz-signature"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("us-east-1", "eu-north-1"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("%2F20130524", "%2F20130523"); }},
      {"AuthorizationQueryParametersError", [](Signed& r) { r.replace("SignedHeaders=host", "SignedHeaders="); }},
  }));
  Signed request = published_presigned();
  tamper(request);
  const Verifying verify;
  CHECK(verify.refusal(request) == code);
}

TEST_CASE("Header signatures are good for 15 minutes on both sides") {
  Verifying verify;
  const auto [skew, code] = GENERATE(table<std::chrono::seconds, std::string>(
      {{15min, ""}, {-15min, ""}, {15min + 1s, "RequestTimeTooSkewed"}, {-15min - 1s, "RequestTimeTooSkewed"}}));
  verify.clock->advance(skew);
  CHECK(verify.refusal(published_get()) == code);
}

TEST_CASE("Presigned requests are good from their date on until they expire") {
  Verifying verify;
  const auto [later, message] = GENERATE(table<std::chrono::seconds, std::string>(
      {{24h - 1s, ""}, {24h, "Request has expired"}, {-15min, ""}, {-15min - 1s, "Request is not yet valid"}}));
  verify.clock->advance(later);
  const auto verified = verify(published_presigned());
  CHECK((verified ? "" : verified.error().message()) == message);
}

TEST_CASE("The Date header takes the place of x-amz-date, when it is signed") {
  const Verifying verify;
  Signed request = published_put();
  request.remove("x-amz-date");
  request.replace("x-amz-date;", "");
  CHECK(verify.refusal(request) == "SignatureDoesNotMatch");  // found, read and signed, but not what was published
  request.replace("date;host", "host");
  CHECK(verify.refusal(request) == "AccessDenied");
}

TEST_CASE("The region of the server counts") {
  const Verifying verify;
  CHECK(verify.refusal(published_get(), "eu-north-1") == "AuthorizationHeaderMalformed");
  CHECK(verify.refusal(published_presigned(), "eu-north-1") == "AuthorizationQueryParametersError");
}

TEST_CASE("Temporary credentials need their token, and end") {
  Verifying verify{.credentials = example_credentials("the-token")};
  CHECK(verify.refusal(published_get()) == "InvalidToken");
  CHECK(verify.refusal(published_presigned()) == "InvalidToken");
  Signed request = published_presigned();
  request.target += "&X-Amz-Security-Token=the-token";
  CHECK(verify.refusal(request) == "SignatureDoesNotMatch");  // the token is right, but was not signed
  Credentials expired = *example_credentials();
  expired.expires_at = verify.clock->now();
  verify.credentials = std::make_shared<const Credentials>(expired);
  CHECK(verify.refusal(published_get()) == "ExpiredToken");
}

TEST_CASE("No refusal holds a secret, a token or a signature") {
  const Verifying verify{.credentials = example_credentials("C4NARY")};
  for (Signed request : {published_get(), published_presigned()}) {
    request.set("x-amz-security-token", "C4NARY");
    const auto verified = verify(request);
    REQUIRE_FALSE(verified);
    const std::string text = verified.error().to_string();
    for (const char* secret : {"C4NARY", "wJalr", "f0e8bd", "aeeed9"}) CHECK(text.find(secret) == std::string::npos);
  }
}
