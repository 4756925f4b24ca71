// Credentials of a profile in AWS's config and credentials files.
#pragma once

#include <audiostore/environment.h>

#include "s3/credentials/source.h"
#include "s3/credentials/sts.h"

#include <memory>
#include <string>

namespace audiostore {

/// Whom a profile can name in its credential_source.
struct NamedSources {
  std::shared_ptr<CredentialsSource> environment;
  std::shared_ptr<CredentialsSource> container;
  std::shared_ptr<CredentialsSource> instance;
};

/// Reads the files anew each time. Of what one profile has, a role comes first, then a web identity, keys, a process;
/// of a profile that is the source of another one, keys come first.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
///
/// Not configured where the profile has no credentials, or nobody named a profile and there is none called "default".
class ProfileSource final : public CredentialsSource {
 public:
  /// `profile` empty: AWS_PROFILE, then "default".
  ProfileSource(std::string profile, EnvironmentLookup environment, std::shared_ptr<StsClient> sts, NamedSources named)
      : profile_(std::move(profile)),
        environment_(std::move(environment)),
        sts_(std::move(sts)),
        named_(std::move(named)) {}

  [[nodiscard]] std::string name() const override;
  Lookup look_up_for(const CallGuard& call) override;

 private:
  [[nodiscard]] std::string named_profile() const;  // empty where nobody named one

  const std::string profile_;
  const EnvironmentLookup environment_;
  const std::shared_ptr<StsClient> sts_;
  const NamedSources named_;
};

}  // namespace audiostore
