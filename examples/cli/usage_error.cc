#include "usage_error.h"

#include "option_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cli {
namespace {

bool looks_like_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

/// The first word that nothing can be done with; an option before others, since what it was to take is one, too.
std::string left_over(const CLI::App& app) {
  std::vector<std::string> words = app.remaining(true);
  std::erase(words, "--");
  const auto option = std::find_if(words.begin(), words.end(), looks_like_option);
  if (option != words.end()) return *option;
  return words.empty() ? "" : words.front();
}

/// Whether `command` takes names, of which one could begin with a dash.
bool takes_names(const CLI::App* command) {
  return command != nullptr &&
         !command->get_options([](const CLI::Option* option) { return option->get_positional(); }).empty();
}

std::string about_word(const std::string& word, const std::string& program, const CLI::App* command) {
  if (command == nullptr && !looks_like_option(word)) return fmt::format("'{}' is no command", word);
  if (!looks_like_option(word)) return fmt::format("'{}' is one argument too many", word);
  if (word.starts_with("--") || word.size() == 2 || !takes_names(command))
    return fmt::format("there is no option '{}'", word);
  return fmt::format(
      "there is no option '{0}'; a file of this name is ./{0}, and any name goes behind --: {1} {2} -- {0}", word,
      program, command->get_name());
}

/// The argument that was not given, "" where all are there.
std::string missing_argument(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_required() && option->count() == 0) return value_of(*option).name;
  }
  return {};
}

}  // namespace

std::string explain_usage(const CLI::App& app, const CLI::ParseError& error) {
  const auto given = app.get_subcommands();
  const CLI::App* command = given.empty() ? nullptr : given.front();
  const std::string& name = app.get_name();
  const auto more = fmt::format("({}{} --help says more)", name, command == nullptr ? "" : " " + command->get_name());
  if (const std::string word = left_over(app); !word.empty()) {
    return fmt::format("{} {}", about_word(word, name, command), more);
  }
  if (error.get_name() != "RequiredError") return fmt::format("{} {}", error.what(), more);
  if (command == nullptr) return fmt::format("a command is missing {}", more);
  const std::string argument = missing_argument(*command);
  return fmt::format("{} is missing {}", argument.empty() ? "something" : argument, more);
}

}  // namespace cli
