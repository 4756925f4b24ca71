// HTTP header fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// One header field. Names are compared without regard to case (RFC 9110, section 5.1).
struct Header {
  std::string name;
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};

/// Header fields in the order in which they are sent or came.
using Headers = std::vector<Header>;

/// The value of the first field called `name`; nullopt where there is none. The view lives as long as `headers`.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

}  // namespace audiostore
