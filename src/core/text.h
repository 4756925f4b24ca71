// Text in the forms that HTTP and S3 use: percent-encoding, hex, base64, UTF-8, ASCII.
#pragma once

#include <audiostore/bytes.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// Which bytes stay as they are besides RFC 3986's unreserved ones (A-Z a-z 0-9 - . _ ~).
enum class UriPart {
  path,       ///< '/' too: for a whole key
  component,  ///< nothing more: for a query name or value
};

/// Appends `text` percent-encoded: every byte but the allowed ones becomes %XX in upper-case hex (RFC 3986,
/// section 2.1).
void append_uri_encoded(std::string& out, std::string_view text, UriPart part);
std::string uri_encode(std::string_view text, UriPart part);

/// Decodes every %XX once; '+' stays '+'. nullopt for a '%' without two hex digits behind it.
std::optional<std::string> uri_decode(std::string_view text);

/// Lower-case hex.
std::string to_hex(ByteSpan bytes);
void append_hex(std::string& out, ByteSpan bytes);
/// Into `out`, which has exactly two characters a byte.
void write_hex(std::span<char> out, ByteSpan bytes) noexcept;
/// nullopt unless `text` is an even number of hex digits.
std::optional<std::string> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648, section 4).
std::string to_base64(ByteSpan bytes);
/// nullopt unless `text` is exactly what to_base64 makes.
std::optional<std::string> from_base64(std::string_view text);

/// True for well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text) noexcept;
/// True when well-formed UTF-8 holds a control character (U+0000-U+001F, U+007F-U+009F).
bool has_control_character(std::string_view text) noexcept;
/// For messages: control characters, line separators, bidirectional overrides and bytes that are no UTF-8 become \xNN,
/// so that a message can neither steer a terminal nor look like another; text beyond `limit` bytes is cut.
std::string printable(std::string_view text, std::size_t limit = 1024);

char to_lower(char c) noexcept;         ///< ASCII only, whatever the locale
bool is_alphanumeric(char c) noexcept;  ///< an ASCII letter or digit
/// True for a token (RFC 9110, section 5.6.2): a header's name, a method.
bool is_token(std::string_view text) noexcept;
std::string to_lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;  ///< ASCII only
/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text) noexcept;

/// A decimal number without sign, blanks or overflow; nullopt for everything else.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

}  // namespace audiostore
