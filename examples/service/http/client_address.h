// Where a request comes from.
#pragma once

#include <httplib.h>

#include <string>

namespace audio_service {

/// Whether a program on this machine sent it, and not a proxy here that says whom it speaks for.
bool is_from_this_machine(const httplib::Request& request);

/// Who counts as one in limits: the peer; what a proxy on this machine says, last in X-Forwarded-For, if it does. Of an
/// IPv6 address its /64, since that is what one customer has.
std::string client_address(const httplib::Request& request);

}  // namespace audio_service
