#include "store/file_names.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

constexpr std::size_t head_bytes = 80;  // at most 240 when every byte becomes %XX
constexpr std::string_view object_suffix = "%o";
constexpr std::string_view directory_suffix = "%d";
constexpr std::string_view head_suffix = "%+";

bool is_plain(char c) noexcept {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// CON, PRN, AUX, NUL, COM1-9 and LPT1-9, also with an extension.
bool is_windows_device(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 4> devices{"con", "prn", "aux", "nul"};
  const std::string_view stem = text.substr(0, text.find('.'));
  const auto is_stem = [&](std::string_view device) { return equal_ignoring_case(stem, device); };
  if (std::ranges::any_of(devices, is_stem)) return true;
  const std::string_view port = stem.substr(0, 3);
  const bool numbered = stem.size() == 4 && stem[3] >= '1' && stem[3] <= '9';
  return numbered && (equal_ignoring_case(port, "com") || equal_ignoring_case(port, "lpt"));
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const bool device = is_windows_device(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dot_at_an_end = text[i] == '.' && (i == 0 || i + 1 == text.size());
    if (is_plain(text[i]) && !dot_at_an_end && !(device && i == 0)) {
      out += text[i];
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    out += {'%', digits[byte >> 4], digits[byte & 0xf]};
  }
}

/// The name for a segment, or for the rest of one, of less than 80 bytes.
void append_name(std::string& out, std::string_view text, bool is_directory) {
  append_escaped(out, text);
  const bool has_dot = text.find('.') != text.npos;
  if (is_directory && (has_dot || text.empty())) out += directory_suffix;  // empty: the rest behind a head
  if (!is_directory && !has_dot) out += object_suffix;
}

void append_segment(std::string& out, std::string_view segment, bool is_directory) {
  while (segment.size() >= head_bytes) {
    append_escaped(out, segment.substr(0, head_bytes));
    out.append(head_suffix) += '/';
    segment.remove_prefix(head_bytes);
  }
  append_name(out, segment, is_directory);
}

void append_directories(std::string& out, std::string_view directories) {
  while (!directories.empty()) {
    const std::size_t end = directories.find('/');
    append_segment(out, directories.substr(0, end), true);
    out += '/';
    directories.remove_prefix(end + 1);
  }
}

/// The name that `entry` must have, to compare with the one it has.
std::string name_of(const FileName& entry) {
  std::string name;
  if (entry.kind == FileName::Kind::head) {
    append_escaped(name, entry.text);
    return name.append(head_suffix);
  }
  const bool is_directory = entry.kind == FileName::Kind::directory;
  append_name(name, std::string_view(entry.text).substr(0, entry.text.size() - (is_directory ? 1 : 0)), is_directory);
  return name;
}

std::optional<FileName> with_kind(FileName::Kind kind, std::string_view escaped) {
  auto text = uri_decode(escaped);
  if (!text || text->find('/') != text->npos) return std::nullopt;
  if ((kind == FileName::Kind::head) != (text->size() == head_bytes) || text->size() > head_bytes) return std::nullopt;
  if (kind == FileName::Kind::directory) *text += '/';
  return FileName{kind, *std::move(text)};
}

}  // namespace

std::string file_path_for(std::string_view key) {
  std::string path;
  const std::size_t last = key.rfind('/') + 1;  // npos + 1 == 0
  append_directories(path, key.substr(0, last));
  append_segment(path, key.substr(last), false);
  return path;
}

std::optional<std::string> directory_path_for(std::string_view prefix) {
  std::string_view directories = prefix.substr(0, prefix.rfind('/') + 1);
  for (std::string_view rest = directories; !rest.empty();) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return std::nullopt;
    rest.remove_prefix(segment.size() + 1);
  }
  std::string path;
  append_directories(path, directories);
  if (!path.empty()) path.pop_back();
  return path;
}

std::optional<FileName> parse_file_name(std::string_view name, bool is_directory) {
  auto kind = is_directory ? FileName::Kind::directory : FileName::Kind::object;
  std::string_view escaped = name;
  const std::string_view suffix = name.substr(name.size() - std::min<std::size_t>(name.size(), 2));
  if (suffix == object_suffix || suffix == directory_suffix || suffix == head_suffix) {
    if (suffix == head_suffix) kind = FileName::Kind::head;
    escaped.remove_suffix(2);
  }
  auto entry = with_kind(kind, escaped);
  // Only names of our own making count: "%61" is no second name for "a", and a file called "a%d" is nobody's.
  if (!entry || (kind == FileName::Kind::head && !is_directory) || name_of(*entry) != name) return std::nullopt;
  return entry;
}

}  // namespace audiostore
