#include "program.h"

#include <fmt/format.h>

namespace cli {
namespace {

using namespace audiostore;

struct CopyArguments {
  std::string from;
  std::string to;
  bool force = false;
};

/// Errors: already_exists, permission_denied.
Result<void> require_absent(ObjectStore& store, const ObjectKey& key, const CallOptions& call) {
  const auto there = store.head(key, {.call = call});
  if (there) {
    return Error(ErrorCode::already_exists, "there is an object already; --force replaces it").with_key(key.str());
  }
  if (there.error().code() == ErrorCode::not_found) return {};
  if (there.error().code() == ErrorCode::permission_denied) {
    // Also where there is none: who may not list the bucket is not told.
    return Error(ErrorCode::permission_denied,
                 "whether there is an object already is not told to these credentials; --force copies all the same")
        .with_key(key.str());
  }
  return there.error();
}

Result<void> copy(const CopyArguments& arguments, Session& session) {
  const auto from = ObjectKey::parse(arguments.from);
  if (!from) return from.error();
  const auto to = ObjectKey::parse(arguments.to);
  if (!to) return to.error();
  const auto store = session.store();
  if (!store) return store.error();
  if (!arguments.force) {
    auto absent = require_absent(**store, *to, session.call());
    if (!absent) return absent;
  }
  const auto copied = (*store)->copy(*from, *to, {.call = session.call()});
  if (!copied) return copied.error();
  session.report.text(fmt::format("copied {} to {}", printable(from->str()), printable(to->str())));
  session.report.field("from", from->str());
  session.report.field("key", to->str());
  session.report.field("etag", copied->etag);
  return {};
}

}  // namespace

void add_copy(Program& program) {
  auto arguments = std::make_shared<CopyArguments>();
  CLI::App* command = program.app.add_subcommand("cp", "copy an object inside the bucket");
  command->add_option("from", arguments->from, "the key of the object")->required()->type_name("FROM");
  command->add_option("to", arguments->to, "the key of the copy")->required()->type_name("TO");
  command->add_flag("--force", arguments->force, "replace an object that is there");
  program.on(command, [arguments](Session& session) { return copy(*arguments, session); });
}

}  // namespace cli
