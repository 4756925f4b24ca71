#include "help.h"

#include "option_value.h"

#include <fmt/format.h>

#include <sstream>
#include <string_view>

namespace cli {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t commands_column = 15;  // where what a command does begins

/// `text` in lines of at most `width` bytes, broken at blanks. Lines that are there already are kept.
std::string wrapped(std::string_view text, std::size_t width) {
  std::string out;
  for (; text.size() > width || text.find('\n') < text.size();) {
    std::size_t end = text.substr(0, width + 1).find('\n');
    if (end == std::string_view::npos) end = text.rfind(' ', width);
    if (end == std::string_view::npos) end = text.find_first_of(" \n");
    if (end == std::string_view::npos) break;  // one word that is too long
    out += fmt::format("{}\n", text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

}  // namespace

HelpFormatter::HelpFormatter() {
  label("Positionals", "Arguments");
  label("SUBCOMMAND", "COMMAND");
}

std::string HelpFormatter::make_option_name(const CLI::Option* option, bool is_positional) const {
  return is_positional ? value_of(*option).name : option->get_name(false, true);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const bool repeated = option->get_expected_max() == CLI::detail::expected_max_vector_size;
  const std::string value = option->get_positional() ? "" : value_of(*option).name;
  return (value.empty() ? "" : " " + value) + (repeated && option->get_type_size() != 0 ? " ..." : "");
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  const OptionValue value = value_of(*option);
  std::string text = option->get_description();
  if (!value.choices.empty() && !option->get_positional()) text += fmt::format(": {}", fmt::join(value.choices, ", "));
  std::string remarks = value.range;
  if (!option->get_default_str().empty()) {
    remarks += fmt::format("{}default {}", remarks.empty() ? "" : ", ", option->get_default_str());
  }
  if (!remarks.empty()) text += fmt::format(" ({})", remarks);
  return wrapped(text, columns - get_column_width());
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::ostringstream out;
  CLI::detail::format_help(out, command->get_name(), wrapped(command->get_description(), columns - commands_column),
                           commands_column);
  return out.str();
}

std::string HelpFormatter::make_footer(const CLI::App* app) const { return wrapped(app->get_footer(), columns) + "\n"; }

}  // namespace cli
