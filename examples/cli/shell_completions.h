// Completion scripts, made from the options as they are.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>

namespace cli {

/// For bash, zsh or fish. REQUIRES: `shell` is one of them.
std::string completions_for(std::string_view shell, const CLI::App& app);

}  // namespace cli
