#include "connection.h"

#include <audiostore/credentials_chain.h>

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace cli {
namespace {

using namespace audiostore;

constexpr std::array providers{std::pair{"aws", S3Provider::aws},           std::pair{"r2", S3Provider::r2},
                               std::pair{"supabase", S3Provider::supabase}, std::pair{"minio", S3Provider::minio},
                               std::pair{"ceph", S3Provider::ceph},         std::pair{"b2", S3Provider::b2},
                               std::pair{"wasabi", S3Provider::wasabi},     std::pair{"spaces", S3Provider::spaces},
                               std::pair{"gcs", S3Provider::gcs},           std::pair{"local", S3Provider::local},
                               std::pair{"other", S3Provider::other}};

std::optional<S3Provider> provider_called(std::string_view name) {
  for (const auto& [known, provider] : providers) {
    if (known == name) return provider;
  }
  return std::nullopt;
}

Setting first_of(const std::string& given, const char* option, std::initializer_list<const char*> variables,
                 const EnvironmentLookup& lookup) {
  if (!given.empty()) return {given, option};
  for (const char* variable : variables) {
    auto value = lookup(variable);
    if (value && !value->empty()) return {*std::move(value), variable};
  }
  return {};
}

}  // namespace

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  names.reserve(providers.size());
  for (const auto& [name, provider] : providers) names.emplace_back(name);
  return names;
}

Connection find_connection(const GlobalOptions& global, const EnvironmentLookup& lookup) {
  Connection found;
  found.bucket = first_of(global.bucket, "--bucket", {"AWS_S3_BUCKET"}, lookup);
  found.endpoint =
      first_of(global.endpoint, "--endpoint", {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "R2_ENDPOINT"}, lookup);
  found.region = first_of(global.region, "--region", {"AWS_REGION", "AWS_DEFAULT_REGION"}, lookup);
  found.provider = first_of(global.provider, "--provider", {"AUDIOSTORE_PROVIDER"}, lookup);
  CredentialsChainOptions chain{.profile = global.profile, .endpoint = found.endpoint.value};
  chain.context.environment = lookup;
  found.options.bucket = found.bucket.value;
  found.options.endpoint = found.endpoint.value;
  found.options.region = found.region.value;
  found.options.provider = provider_called(found.provider.value);
  found.options.allow_http = global.allow_http;
  found.options.user_agent_suffix = "audiostore-cli";
  found.options.credentials = make_default_credentials(std::move(chain));
  return found;
}

Result<S3Options> connect(const GlobalOptions& global, const EnvironmentLookup& lookup) {
  Connection found = find_connection(global, lookup);
  if (found.options.bucket.empty()) {
    return Error(ErrorCode::invalid_argument, "no bucket is named: give --bucket, or set AWS_S3_BUCKET");
  }
  if (!found.provider.value.empty() && !found.options.provider) {
    return Error(ErrorCode::invalid_argument, found.provider.source + " names no provider that is known: give one of " +
                                                  "those that audiostore --help lists");
  }
  if (found.options.endpoint.empty() && found.options.region.empty()) {
    return Error(ErrorCode::invalid_argument,
                 "neither region nor service is named: give --region or AWS_REGION for Amazon S3, --endpoint or "
                 "AWS_ENDPOINT_URL_S3 for any other");
  }
  return std::move(found.options);
}

}  // namespace cli
