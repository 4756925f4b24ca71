#include "rules_command.h"

#include <fmt/format.h>

namespace cli {

using namespace audiostore;

void add_action(CLI::App& command, std::string& action) {
  command
      .add_option("action", action,
                  "show what the bucket has; print what is needed; check the one against the other; apply what is "
                  "missing, beside the rules that are there")
      ->required()
      ->check(CLI::IsMember({"show", "print", "check", "apply"}))
      ->type_name("ACTION");
}

Result<void> print_rules(const nlohmann::json& rules, Report& report) {
  report.text(rules.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  report.field("rules", rules);
  return {};
}

Result<void> say_missing(const std::vector<std::string>& missing, std::string_view remedy, Report& report) {
  for (const std::string& sentence : missing) report.text("missing: " + printable(sentence));
  report.field("missing", missing);
  if (missing.empty()) {
    report.text("ok: nothing is missing");
    return {};
  }
  report.set_exit(ExitCode::check_failed);
  report.note(fmt::format("'audiostore {}' with the same options adds it", remedy));
  return {};
}

Result<void> say_unchanged(Report& report) {
  report.text("ok: nothing was missing");
  report.field("applied", false);
  return {};
}

Result<void> say_applied(Report& report) {
  report.text("applied");
  report.field("applied", true);
  return {};
}

}  // namespace cli
