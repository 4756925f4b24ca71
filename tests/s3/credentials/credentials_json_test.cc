#include "s3/credentials/credentials_json.h"

#include "core/dates.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace audiostore;

namespace {

std::string complaint(std::string_view json, CredentialsJson kind = CredentialsJson::metadata) {
  const auto parsed = parse_credentials_json(json, kind);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message().find("SECRET") == std::string::npos);
  return parsed.error().message();
}

}  // namespace

TEST_CASE("credentials are read from the JSON of metadata services") {
  const auto all = must(parse_credentials_json(
      R"({"Code":"Success","AccessKeyId":"AKID","SecretAccessKey":"s","Token":"t","Expiration":"2013-05-24T00:00:00Z"})",
      CredentialsJson::metadata));
  CHECK(all.access_key_id == "AKID");
  CHECK(all.secret_access_key.reveal() == "s");
  CHECK(all.session_token.reveal() == "t");
  CHECK(all.expires_at == parse_iso_date("2013-05-24T00:00:00Z"));

  const auto lasting = must(parse_credentials_json(
      R"({"AccessKeyId":"AKID","SecretAccessKey":"s","Token":null,"RoleArn":7})", CredentialsJson::metadata));
  CHECK(lasting.session_token.empty());
  CHECK_FALSE(lasting.expires_at);
}

TEST_CASE("credentials are read from the JSON of credential processes") {
  const auto read = must(parse_credentials_json(
      R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"s","SessionToken":"t","Token":"other"})",
      CredentialsJson::process));
  CHECK(read.session_token.reveal() == "t");
  for (const char* version : {"", R"("Version":2,)", R"("Version":"1",)", R"("Version":1.5,)"}) {
    CHECK(complaint("{" + std::string(version) + R"("AccessKeyId":"A","SecretAccessKey":"SECRET"})",
                    CredentialsJson::process) == "the reply with the credentials has no Version, or another than 1");
  }
}

TEST_CASE("what is no reply with credentials is refused without quoting it") {
  for (const char* text : {"", "SECRET", "[]", "\"SECRET\"", "{\"AccessKeyId\":\"SECRET\"", "{} SECRET", "\xff{}"}) {
    CHECK(complaint(text) == "the reply with the credentials is no JSON object");
  }
  CHECK(complaint(std::string(60'000, '[')) == "the reply with the credentials is no JSON object");
  CHECK(complaint("{}") == "the reply with the credentials has no AccessKeyId");
  CHECK(complaint(R"({"AccessKeyId":"","SecretAccessKey":"SECRET"})") ==
        "the reply with the credentials has no AccessKeyId");
  CHECK(complaint(R"({"AccessKeyId":"A","SecretAccessKey":null,"Token":"SECRET"})") ==
        "the reply with the credentials has no SecretAccessKey");
  CHECK(complaint(R"({"AccessKeyId":"A","SecretAccessKey":["SECRET"]})") ==
        "the reply with the credentials has a SecretAccessKey that is no text");
  CHECK(complaint(R"({"AccessKeyId":"A","SecretAccessKey":"s","Token":1})") ==
        "the reply with the credentials has a Token that is no text");
  CHECK(complaint(R"({"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"SECRET"})") ==
        "the reply with the credentials has an Expiration that is no RFC 3339 time");
}

TEST_CASE("a code other than Success is the reason") {
  const auto parsed = parse_credentials_json(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"SECRET"})",
                                             CredentialsJson::metadata);
  CHECK(code_of(parsed) == ErrorCode::unauthenticated);
  CHECK(parsed.error().message() ==
        "the metadata service answers 'AssumeRoleUnauthorizedAccess' instead of credentials");
}

TEST_CASE("expirations are read with any offset from UTC") {
  const auto utc = parse_iso_date("2019-05-29T00:21:43Z");
  REQUIRE(utc);
  CHECK(parse_expiration("2019-05-29T00:21:43Z") == utc);
  CHECK(parse_expiration("2019-05-29T00:21:43+00:00") == utc);
  CHECK(parse_expiration("2019-05-29T02:21:43+02:00") == utc);
  CHECK(parse_expiration("2019-05-28T18:51:43-05:30") == utc);
  CHECK(parse_expiration("2019-05-29T00:21:43.000Z") == utc);
  for (const char* text : {"", "2019-05-29T00:21:43", "2019-05-29T00:21:43+24:00", "2019-05-29T00:21:43+00:60",
                           "2019-05-29T00:21:43 02:00", "2019-05-29T00:21:43+02-00", "2019-05-29T00:21:43Z+02:00",
                           "+02:00", "2019-05-29T00:21:43+-1:00"}) {
    INFO(text);
    CHECK_FALSE(parse_expiration(text));
  }
}
