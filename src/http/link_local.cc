#include "http/link_local.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace audiostore {
namespace {

using Bytes = std::span<const unsigned char>;

bool starts_with(Bytes address, std::initializer_list<unsigned char> prefix) noexcept {
  return address.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), address.begin());
}

bool is_link_local_v4(Bytes address) noexcept {
  return starts_with(address, {169, 254}) ||         // AWS, Azure, GCP, Oracle, OpenStack ... at .169.254
         starts_with(address, {100, 100, 100, 200})  // Alibaba Cloud
         || starts_with(address, {192, 0, 0, 192});  // Oracle Cloud, once
}

/// The IPv4 address that `address` stands for; empty where it stands for none.
Bytes wrapped_v4(Bytes address) noexcept {
  const bool mapped = starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});
  const bool compatible = starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool nat64 = starts_with(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});
  if (mapped || compatible || nat64) return address.subspan(12);
  const bool six_to_four = starts_with(address, {0x20, 0x02});
  return six_to_four ? address.subspan(2, 4) : Bytes();
}

bool is_link_local_v6(Bytes address) noexcept {
  const bool link_local = address[0] == 0xfe && (address[1] & 0xc0U) == 0x80;
  return link_local || starts_with(address, {0xfd, 0x00, 0x0e, 0xc2}) ||  // AWS: fd00:ec2::254, ::23
         starts_with(address, {0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54});  // Google Cloud
}

template <class T>
Bytes bytes_of(const T& address) noexcept {
  return {reinterpret_cast<const unsigned char*>(&address), sizeof address};
}

}  // namespace

bool is_link_local(Bytes address) noexcept {
  if (address.size() == 4) return is_link_local_v4(address);
  if (address.size() != 16) return false;
  return is_link_local_v6(address) || is_link_local_v4(wrapped_v4(address));
}

bool is_link_local(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    return is_link_local(bytes_of(reinterpret_cast<const sockaddr_in&>(address).sin_addr));
  }
  if (address.sa_family == AF_INET6) {
    return is_link_local(bytes_of(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr));
  }
  return false;
}

bool names_link_local(std::string_view authority) {
  if (authority.starts_with('[')) {
    in6_addr address{};
    const std::string host(authority.substr(1, authority.find(']') - 1));
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && is_link_local(bytes_of(address));
  }
  std::string host(authority.substr(0, authority.find(':')));
  if (host.ends_with('.')) host.pop_back();
  in_addr address{};
  return inet_aton(host.c_str(), &address) != 0 && is_link_local(bytes_of(address));
}

}  // namespace audiostore
