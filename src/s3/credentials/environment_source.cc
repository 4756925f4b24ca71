#include "s3/credentials/environment_source.h"

#include "s3/credentials/credentials_json.h"
#include "s3/credentials/settings.h"

namespace audiostore {

Lookup EnvironmentSource::look_up_for(const CallGuard&) {
  const auto id = variable(environment_, "AWS_ACCESS_KEY_ID");
  const auto secret = variable(environment_, "AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) return NotConfigured{"AWS_ACCESS_KEY_ID is not set"};
  if (!id || !secret) {
    return Error(ErrorCode::unauthenticated, id ? "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"
                                                : "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
  }
  Credentials credentials{.access_key_id = *id,
                          .secret_access_key = Secret(*secret),
                          .session_token = Secret(variable(environment_, "AWS_SESSION_TOKEN").value_or("")),
                          .source = name()};
  if (const auto expiration = variable(environment_, "AWS_CREDENTIAL_EXPIRATION")) {
    credentials.expires_at = parse_expiration(*expiration);
    if (!credentials.expires_at) {
      return Error(ErrorCode::unauthenticated, "AWS_CREDENTIAL_EXPIRATION is no RFC 3339 time");
    }
  }
  return credentials;
}

}  // namespace audiostore
