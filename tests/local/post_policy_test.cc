#include "local/post_policy.h"

#include "core/dates.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

const TimePoint now = parse_iso_date("2013-05-24T00:00:00.000Z").value();

std::string policy_of(const std::string& conditions, const std::string& expiration = "2013-05-24T00:00:01.000Z") {
  return R"({"expiration": ")" + expiration + R"(", "conditions": [)" + conditions + "]}";
}

/// The S3 code and message of the refusal, "" where there is none.
std::string refusal(const std::string& conditions, const Headers& fields) {
  const auto policy = parse_post_policy(policy_of(conditions));
  if (!policy) return std::string(policy.error().service_code());
  const auto checked = check_post_policy(*policy, fields, now);
  return checked ? "" : std::string(checked.error().service_code()) + ": " + std::string(checked.error().message());
}

bool is_denied(const std::string& conditions, const Headers& fields) {
  return refusal(conditions, fields).starts_with("AccessDenied");
}

}  // namespace

TEST_CASE("Conditions of a policy") {
  CHECK(refusal(R"({"key": "a"})", {{"key", "a"}}) == "");
  CHECK(refusal(R"(["eq", "$Key", "a"])", {{"key", "a"}}) == "");
  CHECK(refusal(R"(["starts-with", "$key", "user/"])", {{"key", "user/1"}}) == "");
  CHECK(refusal(R"(["starts-with", "$key", ""])", {{"key", ""}}) == "");
  CHECK(is_denied(R"({"key": "a"})", {{"key", "A"}}));
  CHECK(is_denied(R"({"key": "a"})", {{"key", "ab"}}));
  CHECK(is_denied(R"(["starts-with", "$key", "user/"])", {{"key", "use"}}));
  CHECK(is_denied(R"(["starts-with", "$key", ""])", {}));
  CHECK(is_denied(R"({"key": "a"})", {}));
  CHECK(is_denied(R"({"key": "a"}, ["starts-with", "$key", "b"])", {{"key", "a"}}));
}

TEST_CASE("A Content-Type with commas is a list for a policy") {
  const std::string audio = R"(["starts-with", "$Content-Type", "audio/"])";
  CHECK(refusal(audio, {{"content-type", "audio/wav, audio/ogg"}}) == "");
  CHECK(is_denied(audio, {{"content-type", "audio/wav, text/html"}}));
  CHECK(refusal(R"(["starts-with", "$key", "a"])", {{"key", "a,b"}}) == "");
}

TEST_CASE("Every field needs a condition, but for the exempt ones") {
  const std::string key = R"({"key": "a"})";
  CHECK(
      refusal(key, {{"key", "a"}, {"policy", "p"}, {"x-amz-signature", "s"}, {"x-ignore-me", "1"}, {"bucket", "b"}}) ==
      "");
  for (const char* name :
       {"x-amz-meta-a", "content-type", "acl", "success_action_status", "x-amz-credential", "submit"}) {
    CAPTURE(name);
    CHECK(refusal(key, {{"key", "a"}, {name, "1"}}) ==
          "AccessDenied: Invalid according to Policy: Extra input fields: " + std::string(name));
  }
}

TEST_CASE("Policies expire") {
  const auto expires = [](const std::string& expiration) {
    return check_post_policy(parse_post_policy(policy_of("", expiration)).value(), {}, now);
  };
  CHECK(expires("2013-05-24T00:00:00.001Z"));
  CHECK(expires("2013-05-24T00:00:01Z"));
  CHECK_FALSE(expires("2013-05-24T00:00:00.000Z"));
  CHECK_FALSE(expires("2007-12-01T12:00:00.000Z"));
}

TEST_CASE("The range of a policy's lengths") {
  const auto policy =
      parse_post_policy(policy_of(R"(["content-length-range", 1, 1000], ["content-length-range", 0, 99])"));
  CHECK(policy.value().min_bytes == 1);
  CHECK(policy.value().max_bytes == 99);
  CHECK(parse_post_policy(policy_of("")).value().max_bytes > (1ULL << 60));
}

TEST_CASE("Policies that are none") {
  for (const char* json :
       {"", "{", "[]", "1", "{}", R"({"expiration": "2013-05-24T00:00:01.000Z"})", R"({"conditions": []})",
        R"({"expiration": "tomorrow", "conditions": []})", R"({"expiration": 1, "conditions": []})",
        R"({"expiration": "2013-05-24T00:00:01.000Z", "conditions": {}})",
        R"({"expiration": "2013-05-24T00:00:01.000Z", "conditions": [], "more": 1})"}) {
    CAPTURE(json);
    const auto policy = parse_post_policy(json);
    REQUIRE_FALSE(policy);
    CHECK(policy.error().service_code() == "InvalidPolicyDocument");
  }
  for (const char* condition :
       {"{}", "1", "[]", R"("a")", R"({"a": "1", "b": "2"})", R"({"a": 1})", R"(["eq", "$a"])", R"(["eq", "a", "1"])",
        R"(["eq", "$a", 1])", R"(["eq", "$a", "1", "2"])", R"(["ends-with", "$a", "1"])", R"([1, "$a", "1"])",
        R"(["content-length-range", "1", "2"])", R"(["content-length-range", -1, 2])", R"(["content-length-range", 1])",
        R"(["content-length-range", 1, 2.5])"}) {
    CAPTURE(condition);
    CHECK(refusal(condition, {}) == "InvalidPolicyDocument");
  }
}
