#include "http/form_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace audio_service {
namespace {

constexpr std::size_t longest_boundary = 70;
constexpr std::string_view blanks = " \t";
constexpr std::string_view form = "multipart/form-data";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  const std::size_t end = text.find_last_not_of(blanks) + 1;
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_boundary(std::string_view text) {
  const auto may_be_in_one = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("'()+_,-./:=? ").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= longest_boundary && text.back() != ' ' &&
         std::ranges::all_of(text, may_be_in_one);
}

/// Cuts what is before the first ';' outside of quotes from `rest`, and that ';'.
std::string_view cut_item(std::string_view& rest) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (is_quoted || rest[end] != ';'); ++end) {
    if (rest[end] == '"') is_quoted = !is_quoted;
    if (rest[end] == '\\' && is_quoted) ++end;
  }
  const std::string_view item = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return item;
}

/// What a value stands for; "" for a broken one.
std::string unquoted(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  std::string text;
  for (std::size_t at = 1; at < value.size(); ++at) {
    if (value[at] == '"') return at + 1 == value.size() ? text : std::string();
    if (value[at] == '\\') ++at;
    if (at < value.size()) text += value[at];
  }
  return {};
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  if (!equal_in_any_case(trimmed(cut_item(content_type)), form)) return std::nullopt;
  std::string boundary;
  while (!content_type.empty()) {
    const std::string_view parameter = trimmed(cut_item(content_type));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !equal_in_any_case(parameter.substr(0, equals), "boundary")) continue;
    const std::string value = unquoted(parameter.substr(equals + 1));
    if (!boundary.empty() || !is_boundary(value)) return std::string();
    boundary = value;
  }
  return boundary;
}

std::string plain_form_type(const std::string& content_type) {
  const auto boundary = form_boundary(content_type);
  return boundary && !boundary->empty() ? fmt::format(R"({}; boundary="{}")", form, *boundary) : content_type;
}

}  // namespace audio_service
