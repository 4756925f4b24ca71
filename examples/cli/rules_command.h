// What the commands about a bucket's rules have in common: their actions, and what they say.
#pragma once

#include "report.h"

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// show, print, check, apply.
void add_action(CLI::App& command, std::string& action);

/// The rules as the AWS CLI takes them.
audiostore::Result<void> print_rules(const nlohmann::json& rules, Report& report);

/// What is missing, if anything, and the command that adds it. Then the exit code is ExitCode::check_failed.
audiostore::Result<void> say_missing(const std::vector<std::string>& missing, std::string_view remedy, Report& report);

audiostore::Result<void> say_unchanged(Report& report);
audiostore::Result<void> say_applied(Report& report);

}  // namespace cli
