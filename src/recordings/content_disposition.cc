#include "recordings/content_disposition.h"

#include "core/text.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

constexpr std::size_t max_name_bytes = 255;  // what file systems take

std::string_view broken_rule(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > max_name_bytes) return "it is longer than 255 bytes";
  if (!is_valid_utf8(name)) return "it is not valid UTF-8";
  if (has_control_character(name)) return "it holds a control character";
  if (name.find_first_of("/\\") != std::string_view::npos) return "it holds a path separator";
  return {};
}

/// The name as a quoted-string (RFC 9110, section 5.6.4) in ASCII. '%' goes too, since some browsers decode it (RFC
/// 6266, appendix D).
std::string ascii_stand_in(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) == 0x80) continue;  // the rest of a character that has its '_' already
    if (c == '"') out += '\\';
    out += byte >= 0x80 || c == '%' ? '_' : c;
  }
  return out;
}

}  // namespace

Result<std::string> attachment_disposition(std::string_view file_name) {
  if (const auto rule = broken_rule(file_name); !rule.empty()) {
    return Error(ErrorCode::invalid_argument, fmt::format("not a file name to download as: {}", rule));
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", ascii_stand_in(file_name),
                     uri_encode(file_name, UriPart::component));
}

}  // namespace audiostore
