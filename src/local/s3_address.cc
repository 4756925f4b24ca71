#include "local/s3_address.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace audiostore::local {
namespace {

constexpr std::array<std::string_view, 2> own_names{"localhost", "127.0.0.1"};

std::string_view without_port(std::string_view host) { return host.substr(0, host.rfind(':')); }

std::optional<std::string> bucket_in_host(std::string_view host, std::string_view served_bucket) {
  const std::string name = to_lower(without_port(host));
  for (const std::string_view own : own_names) {
    if (name == own) return std::nullopt;
    const std::string suffix = "." + std::string(own);
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  if (name.starts_with(std::string(served_bucket) + ".")) return std::string(served_bucket);
  return std::nullopt;
}

}  // namespace

S3Address s3_address(std::string_view host, std::string_view path, std::string_view served_bucket) {
  path.remove_prefix(std::min<std::size_t>(1, path.size()));
  if (auto bucket = bucket_in_host(host, served_bucket)) return {std::move(*bucket), std::string(path)};
  const std::size_t slash = std::min(path.find('/'), path.size());
  return {std::string(path.substr(0, slash)), std::string(path.substr(std::min(slash + 1, path.size())))};
}

}  // namespace audiostore::local
