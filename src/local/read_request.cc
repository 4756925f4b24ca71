#include "local/read_request.h"

#include "core/dates.h"

#include <fmt/format.h>

namespace audiostore::local {

std::string quoted(std::string_view etag) {
  const bool bare = !etag.empty() && etag != "*" && etag.find('"') == std::string_view::npos;
  return bare ? fmt::format("\"{}\"", etag) : std::string(etag);
}

Conditions conditions_of(const S3Request& request, std::string_view prefix) {
  const auto field = [&](std::string_view name) { return request.header(fmt::format("{}{}", prefix, name)); };
  const auto date = [&](std::string_view name) {
    const auto text = field(name);
    return text ? parse_http_date(*text) : std::nullopt;  // RFC 9110, section 13.1.3: no date, no condition
  };
  return {.if_match = quoted(field("if-match").value_or("")),
          .if_none_match = quoted(field("if-none-match").value_or("")),
          .if_modified_since = date("if-modified-since"),
          .if_unmodified_since = date("if-unmodified-since")};
}

}  // namespace audiostore::local
