#include "connection.h"

#include <audiostore/credentials_chain.h>

#include <initializer_list>
#include <utility>

namespace cli {
namespace {

using namespace audiostore;

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

Connection find_connection(const GlobalOptions& global, const EnvironmentLookup& lookup) {
  Connection found;
  found.bucket = first_of(global.bucket, "--bucket", {"AWS_S3_BUCKET"}, lookup);
  found.endpoint =
      first_of(global.endpoint, "--endpoint", {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "R2_ENDPOINT"}, lookup);
  found.region = first_of(global.region, "--region", {"AWS_REGION", "AWS_DEFAULT_REGION"}, lookup);
  CredentialsChainOptions chain{.profile = global.profile, .endpoint = found.endpoint.value};
  chain.context.environment = lookup;
  found.options.bucket = found.bucket.value;
  found.options.endpoint = found.endpoint.value;
  found.options.region = found.region.value;
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
  return std::move(found.options);
}

}  // namespace cli
