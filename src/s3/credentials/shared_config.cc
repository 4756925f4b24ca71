#include "s3/credentials/shared_config.h"

#include "core/crypto.h"
#include "s3/credentials/settings.h"
#include "s3/credentials/small_file.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

/// The path in `name`, or the one below the home folder; "" where that is not known.
std::string path_of(const EnvironmentLookup& environment, std::string_view name, std::string_view usual) {
  std::string path = variable(environment, name).value_or(std::string(usual));
  if (!path.starts_with("~/")) return path;
  const auto home = variable(environment, "HOME");
  return home ? *home + path.substr(1) : "";
}

Result<ConfigProfiles> read_profiles(const std::string& path, ConfigDialect dialect) {
  if (path.empty()) return ConfigProfiles();
  auto text = read_small_file(path, max_config_bytes);
  if (!text && text.error().code() == ErrorCode::not_found) return ConfigProfiles();
  if (!text) return std::move(text).error();
  auto profiles = parse_config(*text, dialect);
  wipe(*text);
  if (!profiles) return Error(profiles.error().code(), fmt::format("'{}', {}", path, profiles.error().message()));
  return profiles;
}

}  // namespace

Result<SharedConfig> read_shared_config(const EnvironmentLookup& environment) {
  SharedConfig shared{.profiles = {},
                      .config_path = path_of(environment, "AWS_CONFIG_FILE", "~/.aws/config"),
                      .credentials_path = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")};
  auto config = read_profiles(shared.config_path, ConfigDialect::config);
  if (!config) return std::move(config).error();
  const auto credentials = read_profiles(shared.credentials_path, ConfigDialect::credentials);
  if (!credentials) return credentials.error();
  shared.profiles = merged(*std::move(config), *credentials);
  return shared;
}

}  // namespace audiostore
