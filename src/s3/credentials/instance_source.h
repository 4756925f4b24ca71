// Credentials of the role that an EC2 instance runs under.
#pragma once

#include <audiostore/environment.h>

#include "s3/credentials/small_exchange.h"
#include "s3/credentials/source.h"

#include <memory>

namespace audiostore {

/// Speaks version 2 of the instance metadata service: a session token by PUT, the role's name, its credentials; each in
/// one try of at most a second. Version 1 is not spoken: whoever can make a server fetch a URL could use it.
///
/// Where nothing answers, this is no EC2 instance: the source is not configured, until it has answered once.
/// AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT and AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE count.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
class InstanceSource final : public CredentialsSource {
 public:
  InstanceSource(EnvironmentLookup environment, std::shared_ptr<LazyTransport> transport)
      : environment_(std::move(environment)), transport_(std::move(transport)) {}

  [[nodiscard]] std::string name() const override { return "instance metadata"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  [[nodiscard]] Result<std::string> endpoint() const;
  Result<SmallReply> get(const std::string& url, const Secret& token, const CallGuard& call);
  Lookup fetch(const std::string& endpoint, const Secret& token, const CallGuard& call);

  const EnvironmentLookup environment_;
  const std::shared_ptr<LazyTransport> transport_;
  bool answered_ = false;
};

}  // namespace audiostore
