// Credentials from the agent that runs a container: ECS tasks, EKS pod identities.
#pragma once

#include <audiostore/environment.h>

#include "s3/credentials/small_exchange.h"
#include "s3/credentials/source.h"

#include <memory>

namespace audiostore {

/// Gets AWS_CONTAINER_CREDENTIALS_RELATIVE_URI from 169.254.170.2, or AWS_CONTAINER_CREDENTIALS_FULL_URI, with the
/// Authorization that is in the file AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which is read anew each time, or in
/// AWS_CONTAINER_AUTHORIZATION_TOKEN. One try of at most 5 s.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
class ContainerSource final : public CredentialsSource {
 public:
  ContainerSource(EnvironmentLookup environment, std::shared_ptr<LazyTransport> transport)
      : environment_(std::move(environment)), transport_(std::move(transport)) {}

  [[nodiscard]] std::string name() const override { return "container"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  [[nodiscard]] Result<std::string> authorization() const;
  Result<Credentials> fetch(std::string url, const CallGuard& call);

  const EnvironmentLookup environment_;
  const std::shared_ptr<LazyTransport> transport_;
};

}  // namespace audiostore
