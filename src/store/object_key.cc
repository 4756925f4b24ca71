#include <audiostore/object_key.h>

#include "core/text.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

constexpr std::size_t max_key_bytes = 1024;

/// The rule that `text` breaks, or nothing.
std::string_view broken_rule(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > max_key_bytes) return "it is longer than 1,024 bytes";
  if (!is_valid_utf8(text)) return "it is not valid UTF-8";
  if (has_control_character(text)) return "it holds a control character";
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::string_view segment = text.substr(start, end - start);
    if (segment.empty()) return "it has a leading, trailing or doubled '/'";
    if (segment == "." || segment == "..") return "it has a segment '.' or '..'";
    start = end + 1;
  }
  return {};
}

}  // namespace

Result<ObjectKey> ObjectKey::parse(std::string_view text) {
  if (const auto rule = broken_rule(text); !rule.empty()) {
    return Error(ErrorCode::invalid_argument, fmt::format("not an object key: {}", rule))
        .with_key(text.substr(0, max_key_bytes));
  }
  return ObjectKey(std::string(text));
}

}  // namespace audiostore
