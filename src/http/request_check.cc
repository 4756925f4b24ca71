#include "http/request_check.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace audiostore {
namespace {

/// Of a URL: everything else must be percent-encoded (RFC 3986, section 2), or is a fragment, which is never sent.
bool can_be_sent(char c) noexcept { return c > ' ' && c < '\x7f' && c != '#'; }

/// Of a host and port. No '%': an encoded host would be decoded behind our back.
bool belongs_to_authority(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("-._~:[]").find(c) != std::string_view::npos;
}

bool can_be_in_value(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

/// Those that frame a message or concern one connection only (RFC 9112, sections 6 and 9; RFC 9110, section 7.6.1).
bool is_the_transports(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 10> names{"Connection",        "Content-Length",   "Expect", "Host",
                                                   "Keep-Alive",        "Proxy-Connection", "TE",     "Trailer",
                                                   "Transfer-Encoding", "Upgrade"};
  return std::ranges::any_of(names, [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

Result<void> check_header(const Header& header) {
  if (!is_token(header.name)) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("'{}' cannot be the name of a header field", printable(header.name, 64)));
  }
  if (is_the_transports(header.name)) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("leave the header field {} out of the request: the transport sets it", header.name));
  }
  if (!std::ranges::all_of(header.value, can_be_in_value)) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("the value of the header field {} holds a control character", header.name));
  }
  return {};
}

}  // namespace

Result<Origin> origin_of(std::string_view url) {
  const auto refuse = [](std::string_view why) {
    return Error(ErrorCode::invalid_argument, fmt::format("the URL {}", why));
  };
  if (!std::ranges::all_of(url, can_be_sent)) {
    return refuse("has a fragment, or a byte that must be percent-encoded");
  }
  const auto scheme_end = url.find("://");
  const std::string scheme = to_lower(url.substr(0, scheme_end));
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return refuse("must begin with http:// or https://");
  }
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return refuse("must not hold a user name or password");
  if (authority.empty() || !std::ranges::all_of(authority, belongs_to_authority)) {
    return refuse("has no host name, or one that cannot be sent as it is");
  }
  return Origin{scheme, std::string(authority)};
}

bool has_body(std::string_view method) noexcept {
  return method != "GET" && method != "HEAD" && method != "DELETE" && method != "OPTIONS";
}

Result<void> check_request(const HttpRequest& request) {
  const bool upper_case = std::ranges::all_of(request.method, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (request.method.empty() || !upper_case) {
    return Error(ErrorCode::invalid_argument, "the request's method must be an upper-case word such as GET");
  }
  if (!has_body(request.method) && request.body.size() != 0) {
    return Error(ErrorCode::invalid_argument, fmt::format("a {} request is sent without a body", request.method));
  }
  if (request.body.size() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Error(ErrorCode::invalid_argument, fmt::format("a body of {} bytes cannot be sent", request.body.size()));
  }
  for (const Header& header : request.headers) {
    if (auto checked = check_header(header); !checked) return checked;
  }
  return {};
}

}  // namespace audiostore
