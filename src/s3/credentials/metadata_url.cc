#include "s3/credentials/metadata_url.h"

#include "core/text.h"
#include "http/request_check.h"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace audiostore {
namespace {

using Ipv4 = std::array<unsigned char, 4>;
using Ipv6 = std::array<unsigned char, 16>;

/// The host, an IPv6 address without its brackets; "" where these do not pair or hold something else.
std::string host_of(std::string_view authority) {
  if (!authority.starts_with('[')) return to_lower(authority.substr(0, authority.find(':')));
  const auto end = authority.find(']');
  if (end == std::string_view::npos) return "";
  const std::string_view address = authority.substr(1, end - 1);
  const std::string_view rest = authority.substr(end + 1);
  return address.find(':') != std::string_view::npos && (rest.empty() || rest.front() == ':') ? to_lower(address) : "";
}

/// Four decimal numbers, or colons; never the short and octal forms that resolvers also take.
template <class Address>
std::optional<Address> parse_address(int family, const std::string& host) {
  Address address{};
  if (inet_pton(family, host.c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  if (const auto address = parse_address<Ipv4>(AF_INET, host)) return address->front() == 127;
  return parse_address<Ipv6>(AF_INET6, host) == Ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
}

bool is_container_agent(const std::string& host) {
  if (const auto address = parse_address<Ipv4>(AF_INET, host)) {
    return address == Ipv4{169, 254, 170, 2} || address == Ipv4{169, 254, 170, 23};
  }
  const Ipv6 eks{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x23};
  return parse_address<Ipv6>(AF_INET6, host) == eks;
}

}  // namespace

bool is_loopback_authority(std::string_view authority) { return is_loopback(host_of(authority)); }

Result<void> check_container_url(std::string_view url) {
  const auto origin = origin_of(url);
  if (!origin) return origin.error();
  if (origin->scheme == "https") return {};
  const std::string host = host_of(origin->authority);
  if (is_loopback(host) || is_container_agent(host)) return {};
  return Error(ErrorCode::invalid_argument,
               fmt::format("credentials are fetched over http only from this machine, 169.254.170.2, 169.254.170.23 or "
                           "fd00:ec2::23, not from '{}'; use https",
                           printable(host, 64)));
}

}  // namespace audiostore
