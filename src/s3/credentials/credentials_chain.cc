#include <audiostore/credentials_chain.h>

#include "s3/credentials/cached_credentials.h"
#include "s3/credentials/chain.h"
#include "s3/credentials/container_source.h"
#include "s3/credentials/environment_source.h"
#include "s3/credentials/instance_source.h"
#include "s3/credentials/process_source.h"
#include "s3/credentials/profile_source.h"
#include "s3/credentials/web_identity_source.h"
#include "s3/endpoint.h"

#include <fmt/format.h>

#include <vector>

namespace audiostore {
namespace {

using Source = std::unique_ptr<CredentialsSource>;

/// The options of a transport to agents that are next door, if they are there at all.
CurlTransportOptions next_door() {
  CurlTransportOptions options;
  options.connect_timeout = std::chrono::seconds(1);
  options.total_timeout = std::chrono::seconds(10);
  options.allow_link_local = true;  // that is where they are
  return options;
}

/// Makes sources that share transports.
class SourceFactory {
 public:
  explicit SourceFactory(CredentialsContext context)
      : environment_(context.environment ? std::move(context.environment) : process_environment),
        clock_(context.clock ? std::move(context.clock) : system_clock()),
        metadata_(std::make_shared<LazyTransport>(std::move(context.metadata_transport), next_door())),
        sts_(std::make_shared<StsClient>(
            environment_, std::make_shared<LazyTransport>(std::move(context.transport), CurlTransportOptions{}),
            clock_)) {}

  [[nodiscard]] Source environment() const { return std::make_unique<EnvironmentSource>(environment_); }
  [[nodiscard]] Source container() const { return std::make_unique<ContainerSource>(environment_, metadata_); }
  [[nodiscard]] Source instance() const { return std::make_unique<InstanceSource>(environment_, metadata_); }
  [[nodiscard]] Source web_identity() const { return std::make_unique<WebIdentitySource>(environment_, sts_); }
  [[nodiscard]] Source web_identity(WebIdentity given) const {
    return std::make_unique<GivenWebIdentitySource>(
        WebIdentityRole{.token_file = std::move(given.token_file),
                        .role = {.arn = std::move(given.role_arn), .session_name = std::move(given.session_name)}},
        sts_);
  }
  [[nodiscard]] Source profile(std::string name) const {
    return std::make_unique<ProfileSource>(
        std::move(name), environment_, sts_,
        NamedSources{.environment = environment(), .container = container(), .instance = instance()});
  }

  [[nodiscard]] std::shared_ptr<CredentialsProvider> cached(Source source) const {
    return std::make_shared<CachedCredentials>(std::move(source), clock_);
  }

 private:
  const EnvironmentLookup environment_;
  const std::shared_ptr<const Clock> clock_;
  const std::shared_ptr<LazyTransport> metadata_;
  const std::shared_ptr<StsClient> sts_;
};

bool is_outside_of_aws(const std::string& endpoint) {
  if (endpoint.empty()) return false;
  const std::string host = endpoint_host(endpoint);
  return !host.ends_with(".amazonaws.com") && !host.ends_with(".amazonaws.com.cn");
}

}  // namespace

std::shared_ptr<CredentialsProvider> make_default_credentials(CredentialsChainOptions options) {
  if (options.credentials) {
    if (options.credentials->source.empty()) options.credentials->source = "the program itself";
    return static_credentials(*std::move(options.credentials));
  }
  const SourceFactory make(std::move(options.context));
  const auto skip = [](std::string name, std::string why) -> Source {
    return std::make_unique<SkippedSource>(std::move(name), std::move(why));
  };
  const bool by_profile = !options.profile.empty();
  const std::string named = "not asked: the program names a profile";
  std::vector<Source> links;
  links.push_back(by_profile ? skip("environment", named) : make.environment());
  links.push_back(by_profile ? skip("web identity", named) : make.web_identity());
  links.push_back(make.profile(std::move(options.profile)));
  links.push_back(make.container());
  links.push_back(is_outside_of_aws(options.endpoint)
                      ? skip("instance metadata", "not asked: the endpoint is not one of AWS")
                      : make.instance());
  return make.cached(std::make_unique<ChainSource>(std::move(links)));
}

std::shared_ptr<CredentialsProvider> environment_credentials(CredentialsContext context) {
  const SourceFactory make(std::move(context));
  return make.cached(make.environment());
}

std::shared_ptr<CredentialsProvider> profile_credentials(std::string profile, CredentialsContext context) {
  const SourceFactory make(std::move(context));
  return make.cached(make.profile(std::move(profile)));
}

std::shared_ptr<CredentialsProvider> web_identity_credentials(WebIdentity identity, CredentialsContext context) {
  const SourceFactory make(std::move(context));
  return make.cached(make.web_identity(std::move(identity)));
}

std::shared_ptr<CredentialsProvider> process_credentials(std::string command, CredentialsContext context) {
  return SourceFactory(std::move(context)).cached(std::make_unique<ProcessSource>(std::move(command)));
}

std::shared_ptr<CredentialsProvider> container_credentials(CredentialsContext context) {
  const SourceFactory make(std::move(context));
  return make.cached(make.container());
}

std::shared_ptr<CredentialsProvider> instance_credentials(CredentialsContext context) {
  const SourceFactory make(std::move(context));
  return make.cached(make.instance());
}

}  // namespace audiostore
