#include "s3/credentials/environment_source.h"

#include "core/dates.h"
#include "s3/credentials/lookups.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

Lookup ask(Variables variables) { return EnvironmentSource(lookup_in(std::move(variables))).look_up(); }

}  // namespace

TEST_CASE("credentials are found in the environment") {
  const auto lasting = found(ask({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}}));
  CHECK(lasting.access_key_id == "AKID");
  CHECK(lasting.secret_access_key.reveal() == "s");
  CHECK(lasting.session_token.empty());
  CHECK_FALSE(lasting.expires_at);
  CHECK(lasting.source == "environment");

  const auto temporary = found(ask({{"AWS_ACCESS_KEY_ID", "AKID"},
                                    {"AWS_SECRET_ACCESS_KEY", "s"},
                                    {"AWS_SESSION_TOKEN", "t"},
                                    {"AWS_CREDENTIAL_EXPIRATION", "2013-05-24T00:00:00+00:00"}}));
  CHECK(temporary.session_token.reveal() == "t");
  CHECK(temporary.expires_at == parse_iso_date("2013-05-24T00:00:00Z"));
}

TEST_CASE("an environment without keys is not configured, one with half of them is wrong") {
  CHECK(absence(ask({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SESSION_TOKEN", "t"}})) == "AWS_ACCESS_KEY_ID is not set");
  const auto half = ask({{"AWS_ACCESS_KEY_ID", "AKID"}});
  CHECK(code_of(half) == ErrorCode::unauthenticated);
  CHECK(half.error().message() == "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  CHECK(code_of(ask({{"AWS_SECRET_ACCESS_KEY", "s"}})) == ErrorCode::unauthenticated);
  CHECK(code_of(ask(
            {{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_CREDENTIAL_EXPIRATION", "soon"}})) ==
        ErrorCode::unauthenticated);
}
