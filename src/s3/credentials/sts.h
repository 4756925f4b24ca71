// AWS's Security Token Service: temporary credentials of a role.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/environment.h>

#include "s3/credentials/small_exchange.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace audiostore {

/// A role to take on.
struct RoleToAssume {
  std::string arn;
  std::string session_name = {};  ///< for the other side's logs; empty for one with the time in it
  std::string external_id = {};
  std::optional<std::chrono::seconds> duration = {};  ///< absent: STS's own, an hour
  /// Where to ask, unless AWS_REGION or AWS_DEFAULT_REGION say otherwise; empty for the global endpoint.
  std::string region = {};
};

/// Asks STS, in one try of at most 20 s, and no longer than the call that waits for it. Thread-safe.
class StsClient {
 public:
  StsClient(EnvironmentLookup environment, std::shared_ptr<LazyTransport> transport, std::shared_ptr<const Clock> clock)
      : environment_(std::move(environment)), transport_(std::move(transport)), clock_(std::move(clock)) {}

  /// Signed with the credentials of somebody who may do so.
  /// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  Result<Credentials> assume_role(const RoleToAssume& role, const Credentials& signer, const CallGuard& call);

  /// With a token of an identity provider, which stands for a signature.
  /// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
  Result<Credentials> assume_role_with_web_identity(const RoleToAssume& role, const Secret& token,
                                                    const CallGuard& call);

 private:
  struct Endpoint {
    std::string origin;
    std::string host;
    std::string region;
  };
  [[nodiscard]] Result<Endpoint> endpoint(const std::string& fallback) const;
  [[nodiscard]] std::string form(std::string_view action, const RoleToAssume& role) const;
  Result<Credentials> ask(std::string_view action, const RoleToAssume& role, std::string form,
                          const Credentials* signer, const CallGuard& call);

  const EnvironmentLookup environment_;
  const std::shared_ptr<LazyTransport> transport_;
  const std::shared_ptr<const Clock> clock_;
};

}  // namespace audiostore
