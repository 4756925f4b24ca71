#include "s3/json_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace audiostore {
namespace {

/// Appends one UTF-16 unit as JSON escapes it.
void append_unit(std::string& json, std::uint32_t unit) { json += fmt::format("\\u{:04x}", unit); }

/// The code point of the UTF-8 sequence at `at`, and its length. REQUIRES: well-formed UTF-8.
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  const std::uint32_t first = byte(0);
  const std::size_t length = first < 0x80U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
  std::uint32_t point = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) point = (point << 6U) | (byte(i) & 0x3FU);
  return {point, length};
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto [point, length] = code_point(text, at);
    at += length;
    if (point == '"' || point == '\\') json += '\\';
    if (point < 0x80U) {
      json += static_cast<char>(point);
    } else if (point < 0x10000U) {
      append_unit(json, point);
    } else {
      append_unit(json, 0xD800U + ((point - 0x10000U) >> 10U));
      append_unit(json, 0xDC00U + ((point - 0x10000U) & 0x3FFU));
    }
  }
  return json += '"';
}

}  // namespace audiostore
