// Credentials of a role for the token that an identity provider put into a file, e.g. of a Kubernetes service account.
#pragma once

#include <audiostore/environment.h>

#include "s3/credentials/source.h"
#include "s3/credentials/sts.h"

#include <memory>
#include <string>

namespace audiostore {

/// Which token is exchanged for which role.
struct WebIdentityRole {
  std::string token_file;  ///< read anew each time: tokens are renewed by whoever writes the file
  RoleToAssume role;
};

/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
/// Errors: those of STS and of reading the file; unauthenticated for a token that cannot be one.
Result<Credentials> assume_with_token_file(StsClient& sts, const WebIdentityRole& identity, const CallGuard& call);

/// A role and a token file that the program names.
class GivenWebIdentitySource final : public CredentialsSource {
 public:
  GivenWebIdentitySource(WebIdentityRole identity, std::shared_ptr<StsClient> sts)
      : identity_(std::move(identity)), sts_(std::move(sts)) {}

  [[nodiscard]] std::string name() const override { return "web identity"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  const WebIdentityRole identity_;
  const std::shared_ptr<StsClient> sts_;
};

/// The role AWS_ROLE_ARN for the token in AWS_WEB_IDENTITY_TOKEN_FILE, with AWS_ROLE_SESSION_NAME.
class WebIdentitySource final : public CredentialsSource {
 public:
  WebIdentitySource(EnvironmentLookup environment, std::shared_ptr<StsClient> sts)
      : environment_(std::move(environment)), sts_(std::move(sts)) {}

  [[nodiscard]] std::string name() const override { return "web identity"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  const EnvironmentLookup environment_;
  const std::shared_ptr<StsClient> sts_;
};

}  // namespace audiostore
