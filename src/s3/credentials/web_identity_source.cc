#include "s3/credentials/web_identity_source.h"

#include "core/crypto.h"
#include "s3/credentials/settings.h"
#include "s3/credentials/small_file.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

constexpr std::size_t max_token_bytes = std::size_t{32} * 1024;  // STS takes 20,000 characters

Result<Secret> read_token(const std::string& file) {
  auto text = read_small_file(file, max_token_bytes);
  if (!text) return std::move(text).error();
  const auto end = text->find_last_not_of(" \t\r\n");
  Secret token(std::string_view(*text).substr(0, end == std::string::npos ? 0 : end + 1));
  wipe(*text);
  if (token.empty() || !is_plain(token.reveal())) {
    return Error(ErrorCode::unauthenticated, fmt::format("the file '{}' holds no token", file));
  }
  return token;
}

}  // namespace

Result<Credentials> assume_with_token_file(StsClient& sts, const WebIdentityRole& identity, const CallGuard& call) {
  return read_token(identity.token_file).and_then([&](const Secret& token) {
    return sts.assume_role_with_web_identity(identity.role, token, call);
  });
}

Lookup GivenWebIdentitySource::look_up_for(const CallGuard& call) {
  auto credentials = assume_with_token_file(*sts_, identity_, call);
  if (!credentials) return std::move(credentials).error();
  credentials->source = fmt::format("{}, role {}", name(), identity_.role.arn);
  return *std::move(credentials);
}

Lookup WebIdentitySource::look_up_for(const CallGuard& call) {
  const auto file = variable(environment_, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) return NotConfigured{"AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  const auto arn = variable(environment_, "AWS_ROLE_ARN");
  if (!arn) {
    return Error(ErrorCode::unauthenticated, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  }
  const RoleToAssume role{.arn = *arn, .session_name = variable(environment_, "AWS_ROLE_SESSION_NAME").value_or("")};
  return GivenWebIdentitySource({.token_file = *file, .role = role}, sts_).look_up_for(call);
}

}  // namespace audiostore
