#include "shell_completions.h"

#include "option_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace cli {
namespace {

/// An option, or an argument where it has no names.
struct Word {
  std::vector<std::string> names;  // with their dashes
  std::string description;
  std::string value;  // what it takes, "" for a flag
  std::vector<std::string> choices;
};

struct Command {
  std::string name;  // "" for the program itself
  std::string description;
  std::vector<Word> words;
};

Word word_of(const CLI::Option& option) {
  Word word{.names = {}, .description = option.get_description(), .value = {}, .choices = {}};
  for (const std::string& name : option.get_lnames()) word.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) word.names.push_back("-" + name);
  OptionValue value = value_of(option);
  word.value = std::move(value.name);
  word.choices = std::move(value.choices);
  return word;
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> apps = app.get_subcommands([](const CLI::App*) { return true; });
  apps.insert(apps.begin(), &app);
  std::vector<Command> commands;
  for (const CLI::App* each : apps) {
    commands.push_back({each == &app ? "" : each->get_name(), each->get_description(), {}});
    for (const CLI::Option* option : each->get_options()) commands.back().words.push_back(word_of(*option));
  }
  return commands;
}

/// What can be typed in a command: its options, and its arguments where there is a choice.
std::string bash_words(const Command& command) {
  std::string words;
  for (const Word& word : command.words) {
    for (const std::string& text : word.names.empty() ? word.choices : word.names) words += text + " ";
  }
  return words;
}

/// The options that are followed by a value.
std::string bash_taking_values(const std::vector<Command>& commands) {
  std::set<std::string> names;
  for (const Command& command : commands) {
    for (const Word& word : command.words) {
      if (!word.value.empty()) names.insert(word.names.begin(), word.names.end());
    }
  }
  return fmt::format("{}", fmt::join(names, "|"));
}

std::string bash(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const Command& command : commands) {
    if (command.name.empty()) continue;
    names += (names.empty() ? "" : "|") + command.name;
    cases += fmt::format("    {}) words+=' {}' ;;\n", command.name, bash_words(command));
  }
  std::string first = names;
  std::replace(first.begin(), first.end(), '|', ' ');
  return fmt::format(R"(# bash completion for audiostore:  source <(audiostore completions bash)
_audiostore() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= word
  local words='{globals}'
  COMPREPLY=()
  case $previous in {values}) return ;; esac
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {names}) command=$word; break ;; esac
  done
  case $command in
    '') words+=' {first}' ;;
{cases}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _audiostore audiostore)",
                     fmt::arg("globals", bash_words(commands.front())),
                     fmt::arg("values", bash_taking_values(commands)), fmt::arg("names", names),
                     fmt::arg("first", first), fmt::arg("cases", cases));
}

/// `text` between single quotes, with `special` escaped for _arguments.
std::string in_quotes(std::string_view text, std::string_view special = "") {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// What completes the value of `word`.
std::string zsh_action(const Word& word) {
  if (!word.choices.empty()) return fmt::format("({})", fmt::join(word.choices, " "));
  return word.value == "FILE" || word.value == "FOLDER" ? "_files" : " ";
}

std::string zsh_arguments(const Command& command) {
  std::string specs;
  for (const Word& word : command.words) {
    const std::string value = word.value.empty() ? "" : fmt::format(":{}:{}", word.value, zsh_action(word));
    for (const std::string& name : word.names) {
      specs += fmt::format(" \\\n        '*{}[{}]{}'", name, in_quotes(word.description, "[]:\\"), value);
    }
    if (word.names.empty()) specs += fmt::format(" \\\n        '*{}'", value);
  }
  return specs;
}

std::string zsh(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const Command& command : commands) {
    if (command.name.empty()) continue;
    names += fmt::format(" '{}:{}'", command.name, in_quotes(command.description, ":\\"));
    cases += fmt::format("    {})\n      _arguments{} ;;\n", command.name, zsh_arguments(command));
  }
  return fmt::format(R"(#compdef audiostore
# zsh completion for audiostore: into a file _audiostore in a folder of $fpath
_audiostore() {{
  local -a commands line
  local context state state_descr
  typeset -A opt_args
  commands=({names})
  _arguments -C{globals} \
    '1:command:->command' '*::argument:->arguments'
  case $state in
    command) _describe command commands; return ;;
  esac
  case $line[1] in
{cases}  esac
}}
if [ "$funcstack[1]" = _audiostore ]; then _audiostore "$@"; else compdef _audiostore audiostore; fi)",
                     fmt::arg("names", names), fmt::arg("globals", zsh_arguments(commands.front())),
                     fmt::arg("cases", cases));
}

std::string fish_line(const std::string& condition, const Word& word) {
  std::string line = "complete -c audiostore" + condition;
  for (const std::string& name : word.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!word.value.empty() && !word.names.empty()) line += word.value == "FILE" ? " -r" : " -x";
  if (!word.choices.empty()) line += fmt::format(" -a '{}'", fmt::join(word.choices, " "));
  return line + fmt::format(" -d '{}'\n", in_quotes(word.description));
}

std::string fish(const std::vector<Command>& commands) {
  std::string script = "# fish completion for audiostore:  audiostore completions fish | source\n";
  for (const Command& command : commands) {
    std::string condition;
    if (!command.name.empty()) {
      condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
      script += fmt::format("complete -c audiostore -n __fish_use_subcommand -f -a {} -d '{}'\n", command.name,
                            in_quotes(command.description));
    }
    for (const Word& word : command.words) {
      if (!word.names.empty() || !word.choices.empty()) script += fish_line(condition, word);
    }
  }
  script.pop_back();
  return script;
}

}  // namespace

std::string completions_for(std::string_view shell, const CLI::App& app) {
  const std::vector<Command> commands = commands_of(app);
  if (shell == "bash") return bash(commands);
  return shell == "zsh" ? zsh(commands) : fish(commands);
}

}  // namespace cli
