#include "human.h"
#include "listing.h"
#include "program.h"
#include "question.h"

#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

namespace cli {
namespace {

using namespace audiostore;

struct RemoveArguments {
  std::vector<std::string> keys;
  bool recursive = false;
  bool yes = false;
  bool dry_run = false;
};

struct Selection {
  std::set<ObjectKey> keys;
  std::uint64_t bytes = 0;

  void add(ObjectKey key, std::uint64_t size) {
    if (keys.insert(std::move(key)).second) bytes += size;
  }
};

/// The objects of these very keys. A key without an object is an error: more often than not it is a typing mistake.
Result<Selection> objects_of(ObjectStore& store, const std::vector<std::string>& keys, const CallOptions& call) {
  Selection selection;
  for (const std::string& text : keys) {
    auto key = ObjectKey::parse(text);
    if (!key) return std::move(key).error();
    const auto info = store.head(*key, {.call = call});
    if (!info) return info.error();
    selection.add(*std::move(key), info->size);
  }
  return selection;
}

/// "takes" and "takes/" are the folder, never "takes2/..." beside it. Errors: invalid_argument for everything that
/// could stand for more than it seems to: "", "/", "..".
Result<std::string> folder_prefix(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) {
    return Error(ErrorCode::invalid_argument, "an empty prefix is the whole bucket: name a folder in it");
  }
  const auto key = ObjectKey::parse(text);
  if (!key) return key.error();
  return key->str() + "/";
}

/// Everything below the folders. Keys that cannot be named are reported and left.
Result<Selection> objects_below(ObjectStore& store, const std::vector<std::string>& folders, Session& session) {
  Selection selection;
  for (const std::string& folder : folders) {
    auto prefix = folder_prefix(folder);
    if (!prefix) return std::move(prefix).error();
    bool empty = true;
    auto listed = for_each_page(store, {.prefix = *prefix, .call = session.call()}, [&](const ListPage& page) {
      for (const ObjectSummary& object : page.objects) {
        empty = false;
        auto key = ObjectKey::parse(object.key);
        if (!key) {
          session.report.fail(key.error(), object.key);
          continue;
        }
        selection.add(*std::move(key), object.size);
      }
      return Result<void>();
    });
    if (!listed) return std::move(listed).error();
    if (empty) return Error(ErrorCode::not_found, "there is nothing in this folder").with_key(*prefix);
  }
  return selection;
}

Result<void> remove_selected(ObjectStore& store, const Selection& selection, Session& session) {
  const auto removed =
      store.remove_many(std::vector(selection.keys.begin(), selection.keys.end()), {.call = session.call()});
  if (!removed) return removed.error();
  std::uint64_t count = 0;
  for (const RemoveOutcome& outcome : removed->outcomes) {
    if (outcome.error) {
      session.report.fail(*outcome.error, outcome.key.str());
      continue;
    }
    ++count;
    session.report.item("results", {{"key", outcome.key.str()}});
  }
  session.report.text(fmt::format("deleted {}", counted(count, "object")));
  session.report.field("deleted", count);
  return {};
}

Result<void> show_selected(const Selection& selection, Report& report) {
  for (const ObjectKey& key : selection.keys) {
    report.text(printable(key.str()));
    report.item("results", {{"key", key.str()}});
  }
  report.text(
      fmt::format("would delete {}, {}", counted(selection.keys.size(), "object"), human_size(selection.bytes)));
  report.field("deleted", 0);
  return {};
}

Result<void> remove(const RemoveArguments& arguments, Session& session) {
  session.report.list("results");
  const auto store = session.store();
  if (!store) return store.error();
  const auto selection = arguments.recursive ? objects_below(**store, arguments.keys, session)
                                             : objects_of(**store, arguments.keys, session.call());
  if (!selection) return selection.error();
  if (selection->keys.empty()) return {};
  if (arguments.dry_run) return show_selected(*selection, session.report);
  if (!arguments.yes) {
    const std::string what = selection->keys.size() == 1 ? printable(selection->keys.begin()->str())
                                                         : counted(selection->keys.size(), "object");
    const auto agreed = ask(fmt::format("Delete {} ({}) for good?", what, human_size(selection->bytes)), session.stop);
    if (!agreed) return agreed.error();
    if (!*agreed) {
      session.report.note("nothing was deleted");
      session.report.field("deleted", 0);
      return {};
    }
  }
  return remove_selected(**store, *selection, session);
}

}  // namespace

void add_remove(Program& program) {
  auto arguments = std::make_shared<RemoveArguments>();
  CLI::App* command = program.app.add_subcommand("rm", "delete objects; asks first");
  command->add_option("keys", arguments->keys, "their keys; with --recursive folders")->required()->type_name("KEY");
  command->add_flag("-r,--recursive", arguments->recursive, "everything in these folders");
  command->add_flag("-y,--yes", arguments->yes, "do not ask");
  command->add_flag("--dry-run", arguments->dry_run, "only say what would be deleted");
  program.on(command, [arguments](Session& session) { return remove(*arguments, session); });
}

}  // namespace cli
