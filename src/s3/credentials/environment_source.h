// Credentials in environment variables.
#pragma once

#include <audiostore/environment.h>

#include "s3/credentials/source.h"

namespace audiostore {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, and AWS_CREDENTIAL_EXPIRATION as
/// `aws configure export-credentials` writes it.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
class EnvironmentSource final : public CredentialsSource {
 public:
  explicit EnvironmentSource(EnvironmentLookup environment) : environment_(std::move(environment)) {}

  [[nodiscard]] std::string name() const override { return "environment"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  const EnvironmentLookup environment_;
};

}  // namespace audiostore
