#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace audiostore {
namespace {

constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr bool is_unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

constexpr std::array<bool, 256> plain_bytes(bool slash) {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0; c < plain.size(); ++c) plain[c] = is_unreserved(static_cast<unsigned char>(c));
  plain['/'] = slash;
  return plain;
}
constexpr auto plain_in_path = plain_bytes(true);
constexpr auto plain_in_component = plain_bytes(false);

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte in the two hex digits at `at`, or -1.
int hex_byte(std::string_view text, std::size_t at) noexcept {
  if (at + 2 > text.size()) return -1;
  const int high = hex_value(text[at]);
  const int low = hex_value(text[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // 0: not well-formed
};

/// The first code point of non-empty `text`, by table 3-7 of the Unicode standard.
CodePoint first_code_point(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2U
                             : lead >= 0xe0 && lead < 0xf0 ? 3U
                             : lead >= 0xf0 && lead < 0xf5 ? 4U
                                                           : 0U;
  if (length == 0 || text.size() < length) return {};
  char32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    value = value << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < smallest[length] || surrogate || value > 0x10ffff) return {};
  return {value, length};
}

bool is_control(char32_t c) noexcept { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

/// Line and paragraph separator, and what reorders the text around it (Unicode standard annex 9, section 2).
bool is_layout(char32_t c) noexcept {
  return (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c;
}

}  // namespace

void append_uri_encoded(std::string& out, std::string_view text, UriPart part) {
  const auto& plain = part == UriPart::path ? plain_in_path : plain_in_component;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && plain[static_cast<unsigned char>(text[end])]) ++end;
    out.append(text, at, end - at);
    if (end < text.size()) {
      const auto byte = static_cast<unsigned char>(text[end++]);
      out += {'%', upper_digits[byte >> 4U], upper_digits[byte & 15U]};
    }
    at = end;
  }
}

std::string uri_encode(std::string_view text, UriPart part) {
  std::string out;
  append_uri_encoded(out, text, part);
  return out;
}

std::optional<std::string> uri_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int byte = hex_byte(text, i + 1);
    if (byte < 0) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

void write_hex(std::span<char> out, ByteSpan bytes) noexcept {
  char* at = out.data();
  for (const std::byte byte : bytes) {
    *at++ = lower_digits[std::to_integer<unsigned>(byte) >> 4U];
    *at++ = lower_digits[std::to_integer<unsigned>(byte) & 15U];
  }
}

void append_hex(std::string& out, ByteSpan bytes) {
  const std::size_t start = out.size();
  out.resize(start + 2 * bytes.size());
  write_hex(std::span(out).subspan(start), bytes);
}

std::string to_hex(ByteSpan bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int byte = hex_byte(text, i);
    if (byte < 0) return std::nullopt;
    out += static_cast<char>(byte);
  }
  return out;
}

std::string to_base64(ByteSpan bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (k < count ? std::to_integer<unsigned>(bytes[i + k]) : 0U);
    for (unsigned k = 0; k < 4; ++k) out += k <= count ? base64_digits[group >> (18U - 6U * k) & 63U] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const auto digit = base64_digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xffffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xffU);
    }
  }
  if (to_base64(as_bytes(out)) != text) return std::nullopt;  // padding, stray bits
  return out;
}

bool is_valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.length == 0) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

bool has_control_character(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.length != 0 && is_control(point.value)) return true;
    text.remove_prefix(std::max<std::size_t>(1, point.length));
  }
  return false;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty() && out.size() < limit) {
    const CodePoint point = first_code_point(text);
    const std::size_t length = std::max<std::size_t>(1, point.length);
    if (point.length == 0 || is_control(point.value) || is_layout(point.value)) {
      for (const char c : text.substr(0, length)) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'\\', 'x', lower_digits[byte >> 4U], lower_digits[byte & 15U]};
      }
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  if (!text.empty()) out += "...";
  return out;
}

char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_alphanumeric(char c) noexcept { return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9'); }

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || symbols.find(c) != std::string_view::npos;
  });
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return to_lower(c); });
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace audiostore
