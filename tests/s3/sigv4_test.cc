#include "s3/sigv4.h"

#include "core/dates.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::sigv4;

namespace {

// Amazon's published examples for S3: their credentials, instant and bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const TimePoint may_24 = *parse_amz_date("20130524T000000Z");
const std::string example_host = "examplebucket.s3.amazonaws.com";

std::shared_ptr<const Credentials> example_credentials(std::string_view token = {}) {
  return std::make_shared<const Credentials>(
      Credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                  .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                  .session_token = Secret(token)});
}

const SigningKey& example_key() {
  static const SigningKey key(*example_credentials(), "20130524", {.region = "us-east-1"});
  return key;
}

/// The published requests carry their own x-amz- headers in the list, so the stages are fed those lists as they stand.
Request example(std::string method, std::string path, std::string query, std::string hash, Headers more = {}) {
  Request request{std::move(method), std::move(path), std::move(query), {{"Host", example_host}}, std::move(hash)};
  for (auto& header : more) request.headers.push_back(std::move(header));
  request.headers.push_back({"x-amz-content-sha256", request.payload_hash});
  request.headers.push_back({"x-amz-date", "20130524T000000Z"});
  return request;
}

/// What Amazon publishes of one example: each stage of its signature.
struct Stages {
  std::string canonical_request;
  std::string canonical_digest;  ///< SHA-256 of it; in the published string to sign the last line
  std::string signature;
};

void check_stages(const Request& request, const Stages& published) {
  CHECK(canonical_request(request) == published.canonical_request);
  CHECK(to_hex(sha256(canonical_request(request))) == published.canonical_digest);
  CHECK(string_to_sign(request, amz_date(may_24), example_key().credential_scope) ==
        "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n" + published.canonical_digest);
  CHECK(signature(request, amz_date(may_24), example_key()) == published.signature);
}

std::string authorization_of(const Request& request) {
  return std::string(*find_header(request.headers, "Authorization"));
}

}  // namespace

TEST_CASE("the published GET of an object matches at every stage") {
  check_stages(
      example("GET", "/test.txt", "", std::string(empty_payload_hash), {{"Range", "bytes=0-9"}}),
      {.canonical_request = "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
                            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                            "x-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n"
                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       .canonical_digest = "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
       .signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"});
}

TEST_CASE("the published PUT of an object matches at every stage") {
  check_stages(
      example("PUT", "/test%24file.text", "", to_hex(sha256("Welcome to Amazon S3.")),
              {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}}),
      {.canonical_request = "PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\n"
                            "host:examplebucket.s3.amazonaws.com\n"
                            "x-amz-content-sha256:44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\n"
                            "x-amz-date:20130524T000000Z\nx-amz-storage-class:REDUCED_REDUNDANCY\n\n"
                            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class\n"
                            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
       .canonical_digest = "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
       .signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"});
}

TEST_CASE("the published GET of a bucket's lifecycle matches at every stage") {
  const QueryParameter lifecycle{"lifecycle", ""};
  check_stages(
      example("GET", "/", canonical_query({&lifecycle, 1}), std::string(empty_payload_hash)),
      {.canonical_request = "GET\n/\nlifecycle=\nhost:examplebucket.s3.amazonaws.com\n"
                            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                            "x-amz-date:20130524T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\n"
                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       .canonical_digest = "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
       .signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"});
}

TEST_CASE("the published list of a bucket matches at every stage") {
  const std::vector<QueryParameter> list{{"prefix", "J"}, {"max-keys", "2"}};
  check_stages(
      example("GET", "/", canonical_query(list), std::string(empty_payload_hash)),
      {.canonical_request = "GET\n/\nmax-keys=2&prefix=J\nhost:examplebucket.s3.amazonaws.com\n"
                            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                            "x-amz-date:20130524T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\n"
                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       .canonical_digest = "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
       .signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"});
}

TEST_CASE("sign() adds the headers that the published GET has") {
  const Request request = sign({.method = "GET",
                                .path = "/test.txt",
                                .query = "",
                                .headers = {{"Host", example_host}, {"Range", "bytes=0-9"}},
                                .payload_hash = std::string(empty_payload_hash)},
                               may_24, example_key());
  CHECK(authorization_of(request) ==
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(find_header(request.headers, "x-amz-date") == "20130524T000000Z");
  CHECK_FALSE(find_header(request.headers, "x-amz-security-token"));
}

TEST_CASE("the published presigned GET matches at every stage") {
  const std::string query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host";
  const Stages published{.canonical_request = "GET\n/test.txt\n" + query +
                                              "\nhost:examplebucket.s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD",
                         .canonical_digest = "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04",
                         .signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"};
  check_stages({"GET", "/test.txt", query, {{"Host", example_host}}, std::string(unsigned_payload)}, published);

  const std::string origin = "https://" + example_host;
  const std::string url = presign(origin + "/test.txt",
                                  {.method = "GET",
                                   .host = example_host,
                                   .path_begin = origin.size(),
                                   .parameters = {},
                                   .headers = {},
                                   .expires_in = std::chrono::seconds(86400)},
                                  may_24, example_key());
  CHECK(url == origin + "/test.txt?" + query + "&X-Amz-Signature=" + published.signature);
}

TEST_CASE("a session token is signed along in both forms") {
  const SigningKey key(*example_credentials("to/ken+="), "20130524", {.region = "us-east-1"});
  const Request request =
      sign({.method = "GET", .path = "/", .query = "", .headers = {{"Host", "h"}}, .payload_hash = "x"}, may_24, key);
  CHECK(find_header(request.headers, "x-amz-security-token") == "to/ken+=");
  CHECK(authorization_of(request).find("x-amz-date;x-amz-security-token,") != std::string::npos);
  const std::string url = presign("https://h/k",
                                  {.method = "GET",
                                   .host = "h",
                                   .path_begin = 9,
                                   .parameters = {},
                                   .headers = {},
                                   .expires_in = std::chrono::seconds(1)},
                                  may_24, key);
  CHECK(url.find("&X-Amz-Security-Token=to%2Fken%2B%3D&X-Amz-SignedHeaders=host") != std::string::npos);
}

TEST_CASE("header values are trimmed, inner blanks made one, names lower-cased and sorted, repeats joined") {
  const Request request{"GET", "/", "", {{"X-B", "  a   b\t c  "}, {"Host", "h"}, {"x-a", "2"}, {"X-A", "1"}}, "p"};
  CHECK(canonical_request(request) == "GET\n/\n\nhost:h\nx-a:2,1\nx-b:a b c\n\nhost;x-a;x-b\np");
}

TEST_CASE("query names sort by their encoded bytes, and a name without value has its '='") {
  const std::vector<QueryParameter> parameters{{"b", "2"}, {"a b", "x/y+z"}, {"a", ""}, {"a", "1"}, {"A", "~*"}};
  CHECK(canonical_query(parameters) == "A=~%2A&a=&a=1&a%20b=x%2Fy%2Bz&b=2");
}

TEST_CASE("presigned parameters stand in the order in which they are signed") {
  const std::vector<QueryParameter> parameters{{"response-content-type", "audio/wav"}, {"A", "1"}, {"é", "2"}};
  const Headers headers{{"Content-Type", "audio/wav"}};
  const std::string url = presign("https://h/k",
                                  {.method = "PUT",
                                   .host = "h",
                                   .path_begin = 9,
                                   .parameters = parameters,
                                   .headers = headers,
                                   .hash_in_query = true,
                                   .expires_in = std::chrono::seconds(60)},
                                  may_24, example_key());
  CHECK(url.starts_with(
      "https://h/"
      "k?%C3%A9=2&A=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential="));
  CHECK(url.find("&X-Amz-SignedHeaders=content-type%3Bhost&response-content-type=audio%2Fwav&X-Amz-Signature=") !=
        std::string::npos);
}

TEST_CASE("the signing key is kept until the day, or the credentials, change") {
  SigningKeyCache cache({.region = "us-east-1"});
  const auto credentials = example_credentials();
  const auto first = cache.get(credentials, "20130524");
  CHECK(cache.get(credentials, "20130524") == first);
  CHECK(cache.get(credentials, "20130525") != first);
  CHECK(cache.get(credentials, "20130525")->day == "20130525");
  CHECK(cache.get(example_credentials(), "20130525") != cache.get(credentials, "20130525"));
}

TEST_CASE("secrets longer than a hash block sign too") {  // every R2 secret has 64 characters, and "AWS4" goes in front
  Credentials credentials{.access_key_id = "A", .secret_access_key = Secret(std::string(64, 'f'))};
  const SigningKey key(credentials, "20130524", {.region = "auto"});
  CHECK(to_hex(key.hmac.sign("x")) == "8865e7d955bbc2f0a5f6b88489bbd89d5eda3985be8447b3d1c4acae934d5c3c");
}
