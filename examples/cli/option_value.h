// What an option or argument takes, as its help and the shells' completions say it.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace cli {

struct OptionValue {
  std::string name;                  ///< "FILE"; "" for a flag
  std::vector<std::string> choices;  ///< where it is one of these
  std::string range;                 ///< "1 to 64", where it is a number within bounds
};

OptionValue value_of(const CLI::Option& option);

}  // namespace cli
