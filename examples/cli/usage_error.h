// What is wrong with a command line, in words that help to mend it.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace cli {

/// A sentence about `error`, that `app` threw while it parsed, and where to read more.
std::string explain_usage(const CLI::App& app, const CLI::ParseError& error);

}  // namespace cli
