// Addresses that nobody means: those of one network segment, where clouds hand out the machine's own credentials.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

struct sockaddr;

namespace audiostore {

/// True for a link-local address (169.254.0.0/16, RFC 3927; fe80::/10, RFC 4291) and for the metadata services that
/// clouds keep at other addresses of that kind; also where IPv6 wraps the IPv4 one (mapped, compatible, NAT64, 6to4).
/// `address` is in network byte order, of 4 or 16 bytes; false for every other size.
bool is_link_local(std::span<const unsigned char> address) noexcept;

/// The same of a socket's address; false for other families than IPv4 and IPv6.
bool is_link_local(const sockaddr& address) noexcept;

/// True when the host of `authority` ("host" or "host:port", as in a URL) is such an address, in any spelling that
/// resolvers take for one: decimal, octal, hexadecimal, with fewer than four parts. False for names.
bool names_link_local(std::string_view authority);

}  // namespace audiostore
