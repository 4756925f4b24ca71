// What of a request can be put on the wire without changing its meaning, or somebody else's.
#pragma once

#include <audiostore/error.h>
#include <audiostore/http.h>

#include <string>
#include <string_view>

namespace audiostore {

/// Where a request goes to. Holds nothing secret, so it may stand in messages.
struct Origin {
  std::string scheme;     ///< "http" or "https"
  std::string authority;  ///< "host" or "host:port", as in the URL

  [[nodiscard]] std::string to_string() const { return scheme + "://" + authority; }
};

/// The origin of an absolute http or https URL that can be sent byte for byte.
/// Errors: invalid_argument (another scheme, no host, user information, a fragment, a byte that must be
/// percent-encoded). The message never holds the URL, which may be presigned.
Result<Origin> origin_of(std::string_view url);

/// True when requests with this method carry a body here, be it an empty one.
bool has_body(std::string_view method) noexcept;

/// Errors: invalid_argument (no upper-case method, a body where none belongs, a header field that is malformed or that
/// only the transport may set). The message never holds a header's value.
Result<void> check_request(const HttpRequest& request);

}  // namespace audiostore
