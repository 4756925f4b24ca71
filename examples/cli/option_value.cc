#include "option_value.h"

#include <string_view>

namespace cli {
namespace {

/// What stands between `open` and `close`, "" where they do not.
std::string between(std::string_view text, char open, char close) {
  const std::size_t begin = text.find(open);
  const std::size_t end = text.find(close);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  return std::string(text.substr(begin + 1, end - begin - 1));
}

}  // namespace

/// CLI11 keeps it in one text: "ACTION:{show,print}" with CLI::IsMember, "N:INT in [1 - 64]" with CLI::Range.
OptionValue value_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {};
  const std::string type = option.get_type_name();
  const std::string choices = between(type, '{', '}');
  return {.name = type.substr(0, type.find(':')),
          .choices = choices.empty() ? std::vector<std::string>() : CLI::detail::split(choices, ','),
          .range = CLI::detail::find_and_replace(between(type, '[', ']'), " - ", " to ")};
}

}  // namespace cli
