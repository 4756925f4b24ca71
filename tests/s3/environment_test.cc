#include <audiostore/s3_store.h>

#include <catch2/catch.hpp>

#include <map>

using namespace audiostore;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Result<S3Options> options_from(const Variables& variables) {
  return s3_options_from_environment([&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

const Variables complete{{"AWS_REGION", "eu-west-1"},
                         {"AWS_ACCESS_KEY_ID", "AKID"},
                         {"AWS_SECRET_ACCESS_KEY", "s3cr3t"},
                         {"AWS_S3_BUCKET", "takes"}};

}  // namespace

TEST_CASE("the AWS variables make options for Amazon S3") {
  const auto options = options_from(complete);
  REQUIRE(options);
  CHECK(options->bucket == "takes");
  CHECK(options->region == "eu-west-1");
  CHECK((*options->credentials->get())->secret_access_key.reveal() == "s3cr3t");
  const auto store = make_s3_store(*options);
  REQUIRE(store);
  CHECK((*store)
            ->presign({.key = *ObjectKey::parse("a.wav")})
            ->url.starts_with("https://takes.s3.eu-west-1.amazonaws.com/a.wav?"));
}

TEST_CASE("every missing variable is named, and no value is") {
  const auto none = options_from({});
  REQUIRE_FALSE(none);
  for (const char* name : {"AWS_S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}) {
    CHECK(none.error().message().find(name) != std::string::npos);
  }
  Variables one = complete;
  one.erase("AWS_S3_BUCKET");
  one["AWS_ACCESS_KEY_ID"] = "";
  const auto missing = options_from(one);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message() == "not set in the environment: AWS_S3_BUCKET, AWS_ACCESS_KEY_ID");
}

TEST_CASE("endpoints come from the first variable that is set, R2 needs no region") {
  Variables variables = complete;
  variables.erase("AWS_REGION");
  variables["R2_ENDPOINT"] = "https://acc.r2.cloudflarestorage.com";
  const auto r2 = options_from(variables);
  REQUIRE(r2);
  CHECK(make_s3_store(*r2).value()->presign({.key = *ObjectKey::parse("a")})->url.find("%2Fauto%2Fs3%2F") !=
        std::string::npos);
  variables["R2_ENDPOINT"] = "https://s3.us-west-004.backblazeb2.com";
  CHECK(options_from(variables).error().message().find("AWS_REGION") != std::string::npos);
  variables["AWS_ENDPOINT_URL"] = "http://localhost:1";
  CHECK(options_from(variables)->endpoint == "http://localhost:1");
  variables["AWS_ENDPOINT_URL_S3"] = "http://localhost:2";
  CHECK(options_from(variables)->endpoint == "http://localhost:2");
  variables["AWS_SESSION_TOKEN"] = "t";
  CHECK((*options_from(variables)->credentials->get())->session_token.reveal() == "t");
}
