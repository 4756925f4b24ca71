#include "s3/aws_host.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

constexpr std::string_view world_suffix = ".amazonaws.com";
constexpr std::string_view china_suffix = ".amazonaws.com.cn";

/// The first label of `host`, which is cut off.
std::string_view take_label(std::string_view& host) {
  const auto dot = std::min(host.find('.'), host.size());
  const std::string_view label = host.substr(0, dot);
  host.remove_prefix(std::min(dot + 1, host.size()));
  return label;
}

/// "eu-west-1": a service's name ("elb") or somebody's own never ends so.
bool is_region(std::string_view text) {
  const auto dash = text.rfind('-');
  return dash != std::string_view::npos && dash > 1 && parse_decimal(text.substr(dash + 1)) &&
         std::ranges::all_of(text, [](char c) { return c == '-' || is_alphanumeric(c); });
}

}  // namespace

std::optional<AwsHost> AwsHost::parse(std::string_view host) {
  AwsHost parsed;
  parsed.china = host.ends_with(china_suffix);
  const std::string_view suffix = parsed.china ? china_suffix : world_suffix;
  if (!host.ends_with(suffix)) return std::nullopt;
  host.remove_suffix(suffix.size());

  if (host.ends_with('.')) return std::nullopt;
  const std::string_view service = take_label(host);
  constexpr std::string_view legacy = "s3-";
  const bool names_region = service.starts_with(legacy) && is_region(service.substr(legacy.size()));
  if (service != "s3" && service != "s3-fips" && !names_region) return std::nullopt;
  parsed.service = names_region ? "s3" : service;
  if (names_region) parsed.region = service.substr(legacy.size());

  if (host.starts_with("dualstack.")) {
    parsed.dualstack = true;
    take_label(host);
  }
  if (!host.empty() && (names_region || !is_region(host))) return std::nullopt;
  if (!host.empty()) parsed.region = host;
  return parsed;
}

std::string AwsHost::to_string() const {
  std::string host = service;
  if (dualstack) host += ".dualstack";
  if (!region.empty()) (host += '.') += region;
  return host.append(china ? china_suffix : world_suffix);
}

}  // namespace audiostore
