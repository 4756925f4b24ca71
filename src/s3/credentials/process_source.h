// Credentials that another program prints.
#pragma once

#include "s3/credentials/child_output.h"
#include "s3/credentials/source.h"

#include <string>

namespace audiostore {

/// Runs a credential_process: split into words as a shell would, but not run by one, as the AWS CLI and botocore have
/// it. Other SDKs use `sh -c`; who needs a shell can write that into the setting.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
/// Errors: those of the command line, of running it and of what it prints; no argument and no output is in them.
Result<Credentials> run_credential_process(std::string_view command, const CallGuard& call);

class ProcessSource final : public CredentialsSource {
 public:
  explicit ProcessSource(std::string command) : command_(std::move(command)) {}

  [[nodiscard]] std::string name() const override { return "credential process"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  const std::string command_;
};

}  // namespace audiostore
