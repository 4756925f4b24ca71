#include <audiostore/headers.h>

#include "core/text.h"

#include <algorithm>

namespace audiostore {

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find_if(headers, [&](const Header& h) { return equal_ignoring_case(h.name, name); });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

}  // namespace audiostore
