#include "store/attributes.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::size_t max_metadata_bytes = 2048;  // names and values, S3's limit
constexpr std::size_t max_field_bytes = 1024;

bool is_metadata_name(std::string_view name) noexcept {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// Printable ASCII without blanks at the ends, so that it arrives as it was sent.
bool is_plain_value(std::string_view value) noexcept {
  return trim(value) == value && std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7f; });
}

Error refused(std::string_view what, std::string_view name, std::string_view rule) {
  return Error(ErrorCode::invalid_argument, fmt::format("{} '{}': {}", what, name, rule));
}

Result<void> check_metadata(const Metadata& metadata) {
  std::size_t total = 0;
  for (const auto& [name, value] : metadata) {
    if (!is_metadata_name(name)) return refused("metadata name", name, "use lower-case letters, digits and '-' only");
    if (!is_plain_value(value)) {
      return refused("metadata value of", name, "use printable ASCII without blanks at the ends (encode other text)");
    }
    total += name.size() + value.size();
  }
  if (total <= max_metadata_bytes) return {};
  return Error(ErrorCode::invalid_argument,
               fmt::format("the metadata has {} bytes, at most {} can be stored", total, max_metadata_bytes));
}

}  // namespace

Result<void> check_attributes(const ObjectAttributes& attributes) {
  const Headers fields{{"content_type", attributes.content_type},
                       {"content_disposition", attributes.content_disposition},
                       {"cache_control", attributes.cache_control}};
  for (const auto& [name, value] : fields) {
    if (!is_plain_value(value) || value.size() > max_field_bytes) {
      return refused("attribute", name, "use printable ASCII of at most 1,024 bytes without blanks at the ends");
    }
  }
  return check_metadata(attributes.metadata);
}

Result<void> check_headers(const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) return refused("header name", name, "it is no token of RFC 9110");
    if (!is_plain_value(value))
      return refused("header", name, "its value must be printable ASCII without blanks at the ends");
  }
  return {};
}

}  // namespace audiostore
