// Credentials as JSON, which container and instance metadata and credential processes answer with.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/error.h>

#include <optional>
#include <string_view>

namespace audiostore {

/// Whose JSON it is: they differ in a few names.
enum class CredentialsJson {
  metadata,  ///< AccessKeyId, SecretAccessKey, Token, Expiration, and a Code that is "Success" where there is one
  process,   ///< Version 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration
};

/// Reads one reply; token and expiration may be missing.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
/// Errors: corrupt, unauthenticated (another Code); they name fields and never hold a value that could be secret.
Result<Credentials> parse_credentials_json(std::string_view json, CredentialsJson kind);

/// Reads RFC 3339 with any offset from UTC; nullopt for anything else.
std::optional<TimePoint> parse_expiration(std::string_view text);

}  // namespace audiostore
