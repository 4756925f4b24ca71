#include <audiostore/credentials_chain.h>
#include <audiostore/s3_store.h>

#include "s3/endpoint.h"
#include "s3/provider.h"

#include <fmt/format.h>

#include <initializer_list>

namespace audiostore {
namespace {

/// Reads settings and remembers which of the required ones are missing.
class Settings {
 public:
  explicit Settings(const EnvironmentLookup& lookup) : lookup_(lookup) {}

  /// The first of `names` that is set and not empty; "" if none is.
  [[nodiscard]] std::string optional(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (auto value = lookup_(name); value && !value->empty()) return *std::move(value);
    }
    return "";
  }
  std::string required(std::string_view name) {
    std::string value = optional({name});
    require(!value.empty(), name);
    return value;
  }
  void require(bool present, std::string_view name) {
    if (!present) missing_ += fmt::format("{}{}", missing_.empty() ? "" : ", ", name);
  }
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  const EnvironmentLookup& lookup_;
  std::string missing_;
};

/// The keys themselves, or the chain where there are none and a variable says where else to look.
std::shared_ptr<CredentialsProvider> credentials_of(Settings& settings, const EnvironmentLookup& lookup,
                                                    const std::string& endpoint) {
  const bool has_key = !settings.optional({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}).empty();
  const bool has_place =
      !settings
           .optional({"AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                      "AWS_CONTAINER_CREDENTIALS_FULL_URI"})
           .empty();
  if (!has_key && has_place)
    return make_default_credentials({.endpoint = endpoint, .context = {.environment = lookup}});
  return static_credentials({.access_key_id = settings.required("AWS_ACCESS_KEY_ID"),
                             .secret_access_key = Secret(settings.required("AWS_SECRET_ACCESS_KEY")),
                             .session_token = Secret(settings.optional({"AWS_SESSION_TOKEN"})),
                             .source = "environment"});
}

}  // namespace

Result<S3Options> s3_options_from_environment(const EnvironmentLookup& lookup) {
  Settings settings(lookup);
  S3Options options{.bucket = settings.required("AWS_S3_BUCKET"), .credentials = nullptr};
  options.region = settings.optional({"AWS_REGION", "AWS_DEFAULT_REGION"});
  options.endpoint = settings.optional({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "R2_ENDPOINT"});
  const bool region_known = !options.endpoint.empty() &&
                            !profile_of(provider_of_host(endpoint_host(options.endpoint))).default_region.empty();
  settings.require(!options.region.empty() || region_known,
                   "AWS_REGION (or an endpoint in AWS_ENDPOINT_URL_S3 or R2_ENDPOINT)");
  options.credentials = credentials_of(settings, lookup, options.endpoint);
  if (!settings.missing().empty()) {
    return Error(ErrorCode::invalid_argument, fmt::format("not set in the environment: {}", settings.missing()));
  }
  return options;
}

}  // namespace audiostore
