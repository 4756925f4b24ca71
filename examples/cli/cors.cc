#include "bucket_rules.h"
#include "origin.h"
#include "program.h"
#include "rules_command.h"

#include <fmt/format.h>

namespace cli {
namespace {

using namespace audiostore;

struct CorsArguments {
  std::string action;
  BrowserUse use;
  bool playback_only = false;
};

/// Errors: invalid_argument, for a rule that would be kept and help nobody.
Result<void> check_origins(const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    if (origin == "*" || is_origin(origin)) continue;
    return Error(ErrorCode::invalid_argument,
                 fmt::format("'{}' is no origin: give scheme and host without a path, https://app.example", origin));
  }
  return {};
}

Result<void> cors(const CorsArguments& arguments, Session& session) {
  BrowserUse use = arguments.use;
  use.uploads = !arguments.playback_only;
  if (arguments.action != "show" && use.origins.empty()) {
    return Error(ErrorCode::invalid_argument, "which web pages? Give --origin https://app.example");
  }
  if (auto checked = check_origins(use.origins); !checked) return checked;
  const CorsRule needed = browser_rule(use);
  if (arguments.action == "print") return print_rules(to_json(std::span(&needed, 1)), session.report);
  const auto store = session.store();
  if (!store) return store.error();
  S3Bucket bucket = (*store)->bucket();
  const auto rules = bucket.cors(session.call());
  if (!rules) return rules.error();
  if (arguments.action == "show") return print_rules(to_json(std::span(*rules)), session.report);
  const auto missing = missing_for_browsers(*rules, use);
  if (arguments.action == "check") return say_missing(missing, "cors apply", session.report);
  if (missing.empty()) return say_unchanged(session.report);
  const auto set = bucket.set_cors(merged(*rules, needed), session.call());
  if (!set) return set.error();
  return say_applied(session.report);
}

}  // namespace

void add_cors(Program& program) {
  auto arguments = std::make_shared<CorsArguments>();
  CLI::App* command =
      program.app.add_subcommand("cors", "which web pages may play and upload (the bucket's CORS rules)");
  add_action(*command, arguments->action);
  command->add_option("--origin", arguments->use.origins, "the pages' origin, https://app.example; may be given again")
      ->allow_extra_args(false)
      ->type_name("ORIGIN");
  command->add_flag("--playback-only", arguments->playback_only, "pages play, but do not upload to the bucket");
  program.on(command, [arguments](Session& session) { return cors(*arguments, session); });
}

}  // namespace cli
