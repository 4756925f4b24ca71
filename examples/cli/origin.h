// The origins of web pages, as people type them.
#pragma once

#include <algorithm>
#include <string_view>

namespace cli {

/// Whether `text` is scheme, host and perhaps port, as browsers send them in Origin: what has a path, and be it "/", is
/// never equal to one. The host may hold a '*', as in CORS rules.
inline bool is_origin(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0) return false;
  const std::string_view authority = text.substr(end + 3);
  return !authority.empty() && std::none_of(authority.begin(), authority.end(), [](char c) {
    return c <= ' ' || std::string_view("/?#@\\\x7f").find(c) != std::string_view::npos;
  });
}

}  // namespace cli
