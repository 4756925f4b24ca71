#include "bucket_rules.h"
#include "program.h"
#include "rules_command.h"

#include <fmt/format.h>

namespace cli {
namespace {

using namespace audiostore;

struct LifecycleArguments {
  std::string action;
  CleanUp clean_up;
};

/// Errors: invalid_argument. What is under the prefix is deleted by the service, unasked: "t" would be all of takes/,
/// too.
Result<void> check_staging(std::string_view prefix) {
  if (prefix.empty()) return {};
  const bool folder = prefix.ends_with('/') && ObjectKey::parse(prefix.substr(0, prefix.size() - 1));
  if (folder) return {};
  return Error(ErrorCode::invalid_argument,
               fmt::format("'{}' is no folder whose objects may be removed: end it with a slash, staging/", prefix));
}

Result<void> lifecycle(const LifecycleArguments& arguments, Session& session) {
  if (auto checked = check_staging(arguments.clean_up.staging); !checked) return checked;
  const auto needed = clean_up_rules(arguments.clean_up);
  if (arguments.action == "print") return print_rules(to_json(std::span(needed)), session.report);
  const auto store = session.store();
  if (!store) return store.error();
  S3Bucket bucket = (*store)->bucket();
  const auto rules = bucket.lifecycle(session.call());
  if (!rules) return rules.error();
  if (arguments.action == "show") return print_rules(to_json(std::span(*rules)), session.report);
  const auto missing = missing_for_clean_up(*rules, arguments.clean_up);
  if (arguments.action == "check") return say_missing(missing, "lifecycle apply", session.report);
  if (missing.empty()) return say_unchanged(session.report);
  const auto set = bucket.set_lifecycle(merged(*rules, needed), session.call());
  if (!set) return set.error();
  return say_applied(session.report);
}

}  // namespace

void add_lifecycle(Program& program) {
  auto arguments = std::make_shared<LifecycleArguments>();
  CleanUp& clean_up = arguments->clean_up;
  CLI::App* command =
      program.app.add_subcommand("lifecycle", "what becomes of abandoned uploads (the bucket's lifecycle rules)");
  add_action(*command, arguments->action);
  command->add_option("--days", clean_up.abort_days, "days until the parts of an abandoned upload are dropped")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650))
      ->type_name("N");
  command->add_option("--staging", clean_up.staging, "a folder whose objects are only on their way elsewhere: staging/")
      ->type_name("PREFIX");
  command->add_option("--staging-days", clean_up.staging_days, "days until what is still in it is removed")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650))
      ->type_name("N");
  program.on(command, [arguments](Session& session) { return lifecycle(*arguments, session); });
}

}  // namespace cli
