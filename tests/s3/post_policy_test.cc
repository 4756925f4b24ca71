// Browser upload forms: the signature against AWS's published one, the policy against what it must and must not allow.
#include "s3/post_policy.h"

#include "core/dates.h"
#include "core/text.h"
#include "scripted_store.h"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

using namespace audiostore;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::string field(const PostForm& form, std::string_view name) {
  return std::string(find_header(form.fields, name).value_or("(none)"));
}

json policy_of(const PostForm& form) { return json::parse(from_base64(field(form, "policy")).value()); }

bool has_condition(const PostForm& form, const json& condition) {
  const json conditions = policy_of(form).at("conditions");
  return std::find(conditions.begin(), conditions.end(), condition) != conditions.end();
}

const PostRequest take_request{.key = "users/1/take.wav", .max_bytes = 1000, .content_type = "audio/wav"};

PostRequest with(void (*change)(PostRequest&)) {
  PostRequest request = take_request;
  change(request);
  return request;
}

}  // namespace

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
TEST_CASE("the signature of AWS's example policy is AWS's") {
  const std::string policy =
      "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n"
      "  \"conditions\": [\r\n"
      "    {\"bucket\": \"sigv4examplebucket\"},\r\n"
      "    [\"starts-with\", \"$key\", \"user/user1/\"],\r\n"
      "    {\"acl\": \"public-read\"},\r\n"
      "    {\"success_action_redirect\": \"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n"
      "    [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n"
      "    {\"x-amz-meta-uuid\": \"14365123651274\"},\r\n"
      "    {\"x-amz-server-side-encryption\": \"AES256\"},\r\n"
      "    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],\r\n"
      "\r\n"
      "    {\"x-amz-credential\": \"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},\r\n"
      "    {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},\r\n"
      "    {\"x-amz-date\": \"20151229T000000Z\" }\r\n"
      "  ]\r\n"
      "}";
  const Credentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
  const sigv4::SigningKey key(credentials, "20151229", {.region = "us-east-1"});
  CHECK(post_signature(to_base64(as_bytes(policy)), key) ==
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e");
}

TEST_CASE("a form has its fields in order, and a policy that holds each of them fast") {
  ScriptedStore s;
  const PostForm form = must(s.store->presign_post(with([](PostRequest& request) {
    request.fields = {{"x-amz-meta-take", "1"}, {"Cache-Control", "no-store"}};
  })));
  CHECK(form.url == "https://takes.s3.eu-central-1.amazonaws.com/");
  std::vector<std::string> names;
  for (const Header& header : form.fields) names.push_back(header.name);
  CHECK(names == std::vector<std::string>{"key", "success_action_status", "Content-Type", "x-amz-meta-take",
                                          "Cache-Control", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                          "policy", "x-amz-signature"});
  for (const Header& header : form.fields) {
    if (header.name == "policy" || header.name == "x-amz-signature") continue;
    CAPTURE(header.name);
    CHECK(has_condition(form, json{{header.name, header.value}}));
  }
  CHECK(has_condition(form, json{{"bucket", "takes"}}));
  CHECK(has_condition(form, json{"content-length-range", 0, 1000}));
  CHECK(policy_of(form).at("conditions").size() == names.size());  // bucket and size for policy and signature
  CHECK(policy_of(form).at("expiration") == iso_date(form.expires_at));
  CHECK(form.expires_in == 1h);
  CHECK(s.requests() == 0);
}

TEST_CASE("a beginning of the key or of the type is left to the browser behind it, and never open") {
  ScriptedStore s;
  const PostForm form = must(s.store->presign_post(
      {.key = "users/1/", .max_bytes = 10, .min_bytes = 5, .content_type = "audio/", .success_status = 201}));
  CHECK(field(form, "key") == "users/1/${filename}");
  CHECK(has_condition(form, json{"starts-with", "$key", "users/1/"}));
  CHECK(field(form, "Content-Type") == "(none)");
  CHECK(has_condition(form, json{"starts-with", "$Content-Type", "audio/"}));
  CHECK(has_condition(form, json{"content-length-range", 5, 10}));
  CHECK(field(form, "success_action_status") == "201");
}

TEST_CASE("without a type the policy has none, so that the form can send none") {
  ScriptedStore s;
  const PostForm form = must(s.store->presign_post({.key = "a", .max_bytes = 1}));
  CHECK(field(form, "policy").find("Q29udGVudC1UeXBl") == std::string::npos);
  CHECK(policy_of(form).dump().find("Content-Type") == std::string::npos);
}

TEST_CASE("a key of any script is in the form as it is, and in the policy in ASCII") {
  ScriptedStore s;
  const std::string key = "caf\u00e9/\u6f22/\U0001f399 \"take\"\\1.wav";
  const PostForm form = must(s.store->presign_post({.key = key, .max_bytes = 1}));
  CHECK(field(form, "key") == key);
  CHECK(has_condition(form, json{{"key", key}}));
  const std::string policy = from_base64(field(form, "policy")).value();
  CHECK(std::ranges::all_of(policy, [](char c) { return c >= 0x20 && c < 0x7f; }));
}

TEST_CASE("a session token is a field and signed, and the form ends with the credentials") {
  ScriptedStore s;
  s.options.credentials = static_credentials({.access_key_id = "AKID",
                                              .secret_access_key = Secret("s"),
                                              .session_token = Secret("tok+en/="),
                                              .expires_at = s.clock->now() + 90s});
  s.remake();
  const PostForm form = must(s.store->presign_post(take_request));
  CHECK(field(form, "x-amz-security-token") == "tok+en/=");
  CHECK(has_condition(form, json{{"x-amz-security-token", "tok+en/="}}));
  CHECK(form.expires_in == 90s);
  CHECK(policy_of(form).at("expiration") == iso_date(s.clock->now() + 90s));
}

TEST_CASE("in path style the form goes to the bucket's path") {
  ScriptedStore s;
  s.options = S3Options::minio("https://minio.test", "takes");
  s.options.credentials = static_credentials({.access_key_id = "AKID", .secret_access_key = Secret("s")});
  s.options.transport = s.transport;
  s.remake();
  CHECK(must(s.store->presign_post(take_request)).url == "https://minio.test/takes");
}

TEST_CASE("a form that would allow more than was meant is refused") {
  ScriptedStore s;
  const auto refused = [&](void (*change)(PostRequest&)) {
    return code_of(s.store->presign_post(with(change))) == ErrorCode::invalid_argument;
  };
  CHECK(refused([](PostRequest& r) { r.key = ""; }));
  CHECK(refused([](PostRequest& r) { r.key = "/"; }));
  CHECK(refused([](PostRequest& r) { r.key = "users/../"; }));
  CHECK(refused([](PostRequest& r) { r.key = "users/${filename}"; }));
  CHECK(refused([](PostRequest& r) { r.key = "a\nb"; }));
  CHECK(refused([](PostRequest& r) { r.key.assign(1024, 'k').push_back('/'); }));
  CHECK(refused([](PostRequest& r) { r.max_bytes = 0; }));
  CHECK(refused([](PostRequest& r) { r.min_bytes = 1001; }));
  CHECK(refused([](PostRequest& r) { r.content_type = "/"; }));
  CHECK(refused([](PostRequest& r) { r.content_type = "audio/$x"; }));
  CHECK(refused([](PostRequest& r) { r.content_type = "audio/wav\r\n"; }));
  CHECK(refused([](PostRequest& r) { r.expires_in = 0s; }));
  CHECK(refused([](PostRequest& r) { r.expires_in = 604801s; }));
  CHECK(refused([](PostRequest& r) { r.success_status = 302; }));
  CHECK(refused([](PostRequest& r) { r.fields = {{"Key", "other"}}; }));
  CHECK(refused([](PostRequest& r) { r.fields = {{"content-type", "text/html"}}; }));
  CHECK(refused([](PostRequest& r) { r.fields = {{"X-Amz-Date", "x"}}; }));
  CHECK(refused([](PostRequest& r) { r.fields = {{"success_action_status", "200"}}; }));
  CHECK(refused([](PostRequest& r) { r.fields = {{"x-amz-meta-a", "$x"}}; }));
  CHECK(refused([](PostRequest& r) { r.fields = {{"a b", "x"}}; }));
}

TEST_CASE("a provider without forms refuses them by name") {
  ScriptedStore s;
  s.options = S3Options::r2("acc", "takes");
  s.options.credentials = static_credentials({.access_key_id = "AKID", .secret_access_key = Secret("s")});
  s.options.transport = s.transport;
  s.remake();
  const auto form = s.store->presign_post(take_request);
  CHECK(code_of(form) == ErrorCode::unsupported);
  CHECK(form.error().message().find("Cloudflare R2") != std::string::npos);
  CHECK(form.error().operation() == "presign_post");
  CHECK(form.error().key() == "users/1/take.wav");
}

TEST_CASE("a part of an upload is signed with its number and the upload it belongs to") {
  ScriptedStore s;
  const SignedRequest part = must(s.store->presign_part({.key = take,
                                                         .upload_id = "u/1+2=",
                                                         .part_number = 10'000,
                                                         .expires_in = 60s,
                                                         .signed_headers = {{"Content-Length", "5"}}}));
  CHECK(part.method == "PUT");
  CHECK(part.url.find("/users/1/take.wav?X-Amz-Algorithm=") != std::string::npos);
  CHECK(part.url.find("&partNumber=10000&uploadId=u%2F1%2B2%3D&X-Amz-Signature=") != std::string::npos);
  CHECK(part.url.find("X-Amz-SignedHeaders=content-length%3Bhost") != std::string::npos);
  CHECK(part.headers.size() == 1);
  CHECK(part.expires_in == 60s);
}

TEST_CASE("a part that no upload can have is refused") {
  ScriptedStore s;
  for (const int number : {-1, 0, 10'001}) {
    const auto part = s.store->presign_part({.key = take, .upload_id = "u", .part_number = number});
    CHECK(code_of(part) == ErrorCode::invalid_argument);
    CHECK(part.error().operation() == "presign_part");
  }
  CHECK(code_of(s.store->presign_part({.key = take, .upload_id = ""})) == ErrorCode::invalid_argument);
  CHECK(code_of(s.store->presign_part({.key = take, .upload_id = "a\nb"})) == ErrorCode::invalid_argument);
  CHECK(code_of(s.store->presign_part({.key = take, .upload_id = "u", .expires_in = 0s})) ==
        ErrorCode::invalid_argument);
  CHECK(code_of(s.store->presign_part({.key = take, .upload_id = "u", .signed_headers = {{"Host", "x"}}})) ==
        ErrorCode::invalid_argument);
}
