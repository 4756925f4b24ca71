#include "s3/credentials/sts.h"

#include "core/crypto.h"
#include "core/dates.h"
#include "core/text.h"
#include "s3/credentials/lookups.h"
#include "s3/credentials/sts_replies.h"
#include "s3/xml.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

const Credentials signer{
    .access_key_id = "AKID", .secret_access_key = Secret("signer-secret"), .session_token = Secret("signer-token")};
const RoleToAssume role{.arn = "arn:aws:iam::123456789012:role/takes", .region = "eu-west-1"};

/// A client over a script, with the clock at 2013-05-24T00:00:00Z.
struct Sts {
  explicit Sts(Variables variables = {})
      : client(lookup_in(std::move(variables)), wire.transport, std::make_shared<ManualClock>()) {}
  [[nodiscard]] const ScriptedTransport::Sent& sent() const { return wire.script->sent().at(0); }

  const CallOptions unlimited = {};
  const CallGuard call{unlimited};
  Wire wire;
  StsClient client;
};

std::string hmac(std::string_view key, std::string_view text) {
  const auto digest = HmacSha256(key).sign(text);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// The signature by the words of the documentation, over the headers that the request names as signed.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
std::string expected_signature(const ScriptedTransport::Sent& sent, const std::string& host) {
  const auto header = [&](std::string_view name) {
    return std::string(find_header(sent.request.headers, name).value_or("missing"));
  };
  const std::string canonical = "POST\n/\n\naccept:" + header("Accept") + "\ncontent-type:" + header("Content-Type") +
                                "\nhost:" + host + "\nx-amz-content-sha256:" + to_hex(sha256(sent.body)) +
                                "\nx-amz-date:20130524T000000Z\nx-amz-security-token:signer-token\n\n" +
                                "accept;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token\n" +
                                to_hex(sha256(sent.body));
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/eu-west-1/sts/aws4_request\n" + to_hex(sha256(canonical));
  const std::string key = hmac(hmac(hmac(hmac("AWS4signer-secret", "20130524"), "eu-west-1"), "sts"), "aws4_request");
  return to_hex(as_bytes(hmac(key, to_sign)));
}

}  // namespace

TEST_CASE("AssumeRole is signed, and its reply read") {
  Sts sts;
  sts.wire.script->answer({.body = sts_reply("AssumeRole", "ROLEKEY")});
  RoleToAssume full = role;
  full.session_name = "my+session";
  full.external_id = "id/1";
  full.duration = std::chrono::seconds(900);
  const auto credentials = must(sts.client.assume_role(full, signer, sts.call));
  CHECK(credentials.access_key_id == "ROLEKEY");
  CHECK(credentials.secret_access_key.reveal() == "role/s3cr3t");
  CHECK(credentials.session_token.reveal() == "role-t0ken==");
  CHECK(credentials.expires_at == parse_iso_date("2013-05-24T01:00:00Z"));

  CHECK(sts.sent().request.method == "POST");
  CHECK(sts.sent().request.url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(sts.sent().request.call.deadline == std::chrono::seconds(20));
  CHECK_FALSE(find_header(sts.sent().request.headers, "Host"));
  CHECK(sts.sent().body ==
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Ftakes&"
        "RoleSessionName=my%2Bsession&ExternalId=id%2F1&DurationSeconds=900");
  const std::string authorization(find_header(sts.sent().request.headers, "Authorization").value_or(""));
  CHECK(authorization.find("Credential=AKID/20130524/eu-west-1/sts/aws4_request") != std::string::npos);
  CHECK(authorization.ends_with("Signature=" + expected_signature(sts.sent(), "sts.eu-west-1.amazonaws.com")));
}

TEST_CASE("AssumeRoleWithWebIdentity is not signed, its token is its proof") {
  Sts sts;
  sts.wire.script->answer({.body = sts_reply("AssumeRoleWithWebIdentity", "WEBKEY")});
  CHECK(must(sts.client.assume_role_with_web_identity(role, Secret("ey.J+/="), sts.call)).access_key_id == "WEBKEY");
  CHECK(sts.sent().body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Ftakes&"
        "RoleSessionName=audiostore-1369353600&WebIdentityToken=ey.J%2B%2F%3D");
  CHECK_FALSE(find_header(sts.sent().request.headers, "Authorization"));
  CHECK(find_header(sts.sent().request.headers, "Content-Type") == "application/x-www-form-urlencoded; charset=utf-8");
}

TEST_CASE("STS is asked where the region, or the environment, says") {
  const auto asked_at = [](Variables variables, std::string region) {
    Sts sts(std::move(variables));
    sts.wire.script->answer({.body = sts_reply("AssumeRole", "KEY")});
    must(sts.client.assume_role({.arn = "arn", .region = std::move(region)}, signer, sts.call));
    const std::string authorization(find_header(sts.sent().request.headers, "Authorization").value_or(""));
    const auto scope = authorization.find("/20130524/") + 10;
    return sts.sent().request.url + " " + authorization.substr(scope, authorization.find("/sts/") - scope);
  };
  CHECK(asked_at({}, "") == "https://sts.amazonaws.com/ us-east-1");
  CHECK(asked_at({}, "aws-global") == "https://sts.amazonaws.com/ us-east-1");
  CHECK(asked_at({{"AWS_DEFAULT_REGION", "eu-west-2"}}, "") == "https://sts.eu-west-2.amazonaws.com/ eu-west-2");
  CHECK(asked_at({{"AWS_REGION", "eu-west-1"}, {"AWS_DEFAULT_REGION", "x"}}, "") ==
        "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
  CHECK(asked_at({}, "cn-north-1") == "https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1");
  CHECK(asked_at({{"AWS_REGION", "eu-west-1"}}, "eu-west-3") == "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
  CHECK(asked_at({{"AWS_ENDPOINT_URL_STS", "https://vpce-1.sts.example:8443/"}}, "eu-west-1") ==
        "https://vpce-1.sts.example:8443/ eu-west-1");
  CHECK(asked_at({{"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9000"}}, "") == "http://127.0.0.1:9000/ us-east-1");
}

TEST_CASE("an address for STS that could leak a token is refused before anything is sent") {
  for (const char* url : {"http://sts.example", "sts.example", "https://sts.example/path", "https://sts.example/?a=b",
                          "https://user@sts.example", "ftp://127.0.0.1"}) {
    INFO(url);
    Sts sts(Variables{{"AWS_ENDPOINT_URL_STS", url}});
    CHECK(code_of(sts.client.assume_role(role, signer, sts.call)) == ErrorCode::invalid_argument);
    CHECK(sts.wire.script->sent().empty());
  }
  for (const char* region : {"evil.example/", "eu west", "eu\n", "a@b", "eu.west"}) {
    Sts sts;
    CHECK(code_of(sts.client.assume_role({.arn = "arn", .region = region}, signer, sts.call)) ==
          ErrorCode::invalid_argument);
    CHECK(sts.wire.script->sent().empty());
  }
}

TEST_CASE("a refusal of STS says the code, never STS's words") {
  const auto refused = [](int status, const std::string& code) {
    Sts sts;
    sts.wire.script->answer({.status = status, .body = sts_error(code, "Value 'ey.J.token' is not valid")});
    const auto result = sts.client.assume_role_with_web_identity(role, Secret("ey.J.token"), sts.call);
    REQUIRE_FALSE(result);
    CHECK(result.error().to_string().find("ey.J.token") == std::string::npos);
    return result.error();
  };
  const Error denied = refused(403, "AccessDenied");
  CHECK(denied.code() == ErrorCode::unauthenticated);
  CHECK(denied.message() ==
        "STS does not let 'arn:aws:iam::123456789012:role/takes' be assumed: HTTP 403 AccessDenied");
  CHECK(denied.service_code() == "AccessDenied");
  CHECK(denied.request_id() == "sts-request");
  CHECK(denied.http_status() == 403);
  CHECK(refused(400, "ExpiredTokenException").code() == ErrorCode::unauthenticated);
  CHECK(refused(400, "IDPCommunicationError").code() == ErrorCode::unavailable);
  CHECK(refused(400, "Throttling").code() == ErrorCode::unavailable);
  CHECK(refused(503, "ServiceUnavailable").code() == ErrorCode::unavailable);
  CHECK(refused(400, "ey.J.token is no code").service_code().empty());
}

TEST_CASE("what is no reply of STS is an error") {
  const auto code = [](std::string body) {
    Sts sts;
    sts.wire.script->answer({.body = std::move(body)});
    return code_of(sts.client.assume_role(role, signer, sts.call));
  };
  CHECK(code("") == ErrorCode::corrupt);
  CHECK(code("<html/>") == ErrorCode::corrupt);
  CHECK(code(sts_reply("AssumeRoleWithWebIdentity", "KEY")) == ErrorCode::corrupt);
  CHECK(code("<AssumeRoleResponse/>") == ErrorCode::corrupt);
  CHECK(code("<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>") == ErrorCode::corrupt);
  for (const char* part : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
    std::string reply = sts_reply("AssumeRole", "KEY");
    for (auto at = reply.find(part); at != std::string::npos; at = reply.find(part, at)) reply.replace(at, 1, "X");
    CHECK(code(reply) == ErrorCode::corrupt);
  }
  CHECK(code(std::string(max_reply_bytes + 1, ' ')) == ErrorCode::corrupt);
}

TEST_CASE("error documents of STS are known by their root") {
  CHECK(parse_sts_error(sts_error("AccessDenied", "m"))->code == "AccessDenied");
  CHECK_FALSE(parse_sts_error("<Error><Code>AccessDenied</Code></Error>"));
  CHECK_FALSE(parse_sts_error("<ErrorResponse/>"));
  CHECK_FALSE(parse_sts_error("AccessDenied"));
}
