#include "s3/credentials/profile_source.h"

#include "core/text.h"
#include "s3/credentials/process_source.h"
#include "s3/credentials/settings.h"
#include "s3/credentials/shared_config.h"
#include "s3/credentials/web_identity_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace audiostore {
namespace {

std::string title_of(std::string_view profile) { return fmt::format("profile '{}'", printable(profile, 128)); }

bool has_keys(const ConfigProfile& profile) {
  return setting(profile, "aws_access_key_id") || setting(profile, "aws_secret_access_key");
}

/// Follows one profile to its credentials, over the profiles that it names.
class ProfileResolver {
 public:
  ProfileResolver(const ConfigProfiles& profiles, StsClient& sts, const NamedSources& named, const CallGuard& call)
      : profiles_(profiles), sts_(sts), named_(named), call_(call) {}

  /// REQUIRES: there is such a profile.
  Lookup resolve(const std::string& name) {
    const ConfigProfile& profile = profiles_.find(name)->second;
    const bool is_source = !visited_.empty();
    visited_.push_back(name);
    if (is_source && has_keys(profile)) return named_after(name, "", keys(name, profile));
    const auto role = setting(profile, "role_arn");
    const auto token_file = setting(profile, "web_identity_token_file");
    if (token_file) return named_after(name, ", web identity", web_identity(name, profile, *token_file));
    if (role) return named_after(name, ", role " + *role, assume_role(name, profile));
    if (has_keys(profile)) return named_after(name, "", keys(name, profile));
    if (const auto command = setting(profile, "credential_process")) {
      return named_after(name, ", credential process", run_credential_process(*command, call_));
    }
    if (setting(profile, "sso_session") || setting(profile, "sso_start_url")) {
      return wrong(name,
                   "is one of IAM Identity Center (sso_...), which is not supported; use credential_process with "
                   "`aws configure export-credentials`");
    }
    return NotConfigured{fmt::format("{} has no credentials", title_of(name))};
  }

 private:
  static Error wrong(std::string_view profile, std::string_view what) {
    return Error(ErrorCode::unauthenticated, fmt::format("{} {}", title_of(profile), what));
  }

  static Lookup named_after(std::string_view profile, std::string_view how, Result<Credentials> credentials) {
    if (!credentials) return std::move(credentials).error();
    credentials->source = title_of(profile) + std::string(how);
    return *std::move(credentials);
  }

  static Result<Credentials> keys(std::string_view name, const ConfigProfile& profile) {
    const auto id = setting(profile, "aws_access_key_id");
    const auto secret = setting(profile, "aws_secret_access_key");
    if (!id) return wrong(name, "has an aws_secret_access_key without an aws_access_key_id");
    if (!secret) return wrong(name, "has an aws_access_key_id without an aws_secret_access_key");
    return Credentials{.access_key_id = *id,
                       .secret_access_key = Secret(*secret),
                       .session_token = Secret(setting(profile, "aws_session_token").value_or(""))};
  }

  static Result<RoleToAssume> role_of(std::string_view name, const ConfigProfile& profile) {
    RoleToAssume role{.arn = setting(profile, "role_arn").value_or(""),
                      .session_name = setting(profile, "role_session_name").value_or(""),
                      .external_id = setting(profile, "external_id").value_or(""),
                      .region = setting(profile, "region").value_or("")};
    if (role.arn.empty()) return wrong(name, "has a web_identity_token_file without a role_arn");
    if (setting(profile, "mfa_serial")) return wrong(name, "has an mfa_serial, and nobody is there to type its code");
    if (const auto text = setting(profile, "duration_seconds")) {
      const auto seconds = parse_decimal(*text);
      constexpr std::uint64_t shortest = 900;
      constexpr std::uint64_t longest = 43'200;
      if (!seconds || *seconds < shortest || *seconds > longest) {
        return wrong(name, "has a duration_seconds that is no number from 900 to 43200");
      }
      role.duration = std::chrono::seconds(static_cast<std::int64_t>(*seconds));
    }
    return role;
  }

  Result<Credentials> web_identity(std::string_view name, const ConfigProfile& profile, const std::string& file) {
    auto role = role_of(name, profile);
    if (!role) return std::move(role).error();
    role->external_id.clear();  // for signed requests only
    return assume_with_token_file(sts_, {.token_file = file, .role = *std::move(role)}, call_);
  }

  Result<Credentials> assume_role(const std::string& name, const ConfigProfile& profile) {
    const auto role = role_of(name, profile);
    if (!role) return role.error();
    const auto signer = signer_of(name, profile);
    if (!signer) return signer.error();
    if (const auto* absent = std::get_if<NotConfigured>(&*signer)) {
      return wrong(name, fmt::format("has a role_arn, but who takes it on has no credentials: {}", absent->why));
    }
    return sts_.assume_role(*role, std::get<Credentials>(*signer), call_);
  }

  Lookup signer_of(const std::string& name, const ConfigProfile& profile) {
    const auto source_profile = setting(profile, "source_profile");
    const auto credential_source = setting(profile, "credential_source");
    if (source_profile && credential_source) return wrong(name, "has both a source_profile and a credential_source");
    if (source_profile) return source(name, *source_profile);
    if (!credential_source) return wrong(name, "has a role_arn, but neither source_profile nor credential_source");
    if (*credential_source == "Environment") return named_.environment->look_up_for(call_);
    if (*credential_source == "EcsContainer") return named_.container->look_up_for(call_);
    if (*credential_source == "Ec2InstanceMetadata") return named_.instance->look_up_for(call_);
    return wrong(name, "has a credential_source other than Environment, EcsContainer and Ec2InstanceMetadata");
  }

  Lookup source(const std::string& name, const std::string& source_name) {
    const auto found = profiles_.find(source_name);
    if (found == profiles_.end()) {
      return wrong(name, fmt::format("has {} as source_profile, which does not exist", title_of(source_name)));
    }
    const bool own_keys = source_name == name && has_keys(found->second);
    if (!own_keys && std::ranges::find(visited_, source_name) != visited_.end()) {
      return wrong(name, fmt::format("leads back to {} by its source_profile", title_of(source_name)));
    }
    return resolve(source_name);
  }

  const ConfigProfiles& profiles_;
  StsClient& sts_;
  const NamedSources& named_;
  const CallGuard& call_;
  std::vector<std::string> visited_;
};

}  // namespace

std::string ProfileSource::named_profile() const {
  return profile_.empty() ? variable(environment_, "AWS_PROFILE").value_or("") : profile_;
}

std::string ProfileSource::name() const {
  const std::string named = named_profile();
  return title_of(named.empty() ? "default" : named);
}

Lookup ProfileSource::look_up_for(const CallGuard& call) {
  const std::string named = named_profile();
  const std::string profile = named.empty() ? "default" : named;
  const auto shared = read_shared_config(environment_);
  if (!shared) return shared.error();
  if (!shared->profiles.contains(profile)) {
    std::string why =
        fmt::format("there is no {} in '{}' or '{}'", title_of(profile), shared->config_path, shared->credentials_path);
    if (named.empty()) return NotConfigured{std::move(why)};
    return Error(ErrorCode::unauthenticated, why);
  }
  return ProfileResolver(shared->profiles, *sts_, named_, call).resolve(profile);
}

}  // namespace audiostore
