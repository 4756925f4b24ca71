#include "store/tags.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace audiostore {
namespace {

constexpr std::size_t max_tags = 10;
constexpr std::size_t max_name = 128;
constexpr std::size_t max_value = 256;

Error refused(std::string_view what, std::string_view name, std::string_view rule) {
  return Error(ErrorCode::invalid_argument, fmt::format("{} '{}': {}", what, name, rule));
}

/// The length as UTF-16 counts, for well-formed UTF-8: two where a character has four bytes, one for every other.
std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    length += (byte & 0xC0U) == 0x80U ? 0U : byte >= 0xF0U ? 2U : 1U;
  }
  return length;
}

bool is_tag_text(std::string_view text) noexcept {
  constexpr std::string_view symbols = " +-=._:/@";
  const bool is_text = is_valid_utf8(text) && !has_control_character(text) && trim(text) == text;
  return is_text && std::ranges::all_of(text, [&](char c) {
           return static_cast<unsigned char>(c) >= 0x80U || is_alphanumeric(c) || symbols.find(c) != symbols.npos;
         });
}

Result<void> check_tag(std::string_view name, std::string_view value) {
  constexpr std::string_view characters = "use letters, digits, + - = . _ : / @ and blanks, but not at the ends";
  if (!is_tag_text(name)) return refused("tag", name, characters);
  if (!is_tag_text(value)) return refused("value of the tag", name, characters);
  if (name.empty() || utf16_length(name) > max_name)
    return refused("tag", name, "its name must have 1 to 128 characters");
  if (utf16_length(value) > max_value) return refused("tag", name, "its value must have at most 256 characters");
  if (name.starts_with("aws:")) return refused("tag", name, "names that begin with aws: are the service's own");
  return {};
}

}  // namespace

Result<void> check_tags(const Tags& tags) {
  for (const auto& [name, value] : tags) {
    if (auto valid = check_tag(name, value); !valid) return valid;
  }
  if (tags.size() <= max_tags) return {};
  return Error(ErrorCode::invalid_argument, fmt::format("there are {} tags, an object can have 10", tags.size()));
}

}  // namespace audiostore
