#include "at_once.h"
#include "audio_facts.h"
#include "human.h"
#include "listing.h"
#include "program.h"
#include "tree.h"

#include <audiostore/stored_payload.h>

#include <fmt/format.h>

namespace cli {
namespace {

using namespace audiostore;

constexpr std::size_t probes_at_once = 8;

struct ListArguments {
  std::string prefix;
  bool recursive = false;
  bool tree = false;
  bool durations = false;
  bool bytes = false;
};

using Facts = std::vector<std::optional<AudioProperties>>;  // one an object

/// What can be found out; what is no audio, or cannot be read, stays empty. Errors: cancelled, since what was not asked
/// for would look as if it were not known.
Result<Facts> facts_of(const std::shared_ptr<S3Store>& store, const std::vector<ObjectSummary>& objects,
                       const CallOptions& call) {
  Facts facts(objects.size());
  for_each_at_once(objects.size(), probes_at_once, [&](std::size_t i) {
    const auto key = ObjectKey::parse(objects[i].key);
    if (!key) return;
    ObjectInfo info;
    info.key = objects[i].key;
    info.size = objects[i].size;
    info.etag = objects[i].etag;
    auto found = probe_audio(stored_payload(store, *key, info, call));
    if (found) facts[i] = *found;
  });
  if (call.stop.stop_requested()) return Error(ErrorCode::cancelled, "stopped before all durations were read");
  return facts;
}

/// Prints page by page, so that a bucket of any size can be listed.
class Lister {
 public:
  Lister(const ListArguments& arguments, std::shared_ptr<S3Store> store, const Session& session)
      : arguments_(arguments), store_(std::move(store)), call_(session.call()), report_(session.report) {}

  /// Errors: cancelled.
  Result<void> take(const ListPage& page) {
    const auto facts = arguments_.durations ? facts_of(store_, page.objects, call_) : Facts(page.objects.size());
    if (!facts) return facts.error();
    for (const std::string& folder : page.common_prefixes) say_folder(folder);
    for (std::size_t i = 0; i < page.objects.size(); ++i) say_object(page.objects[i], (*facts)[i]);
    return {};
  }

  void finish() {
    for (const std::string& line : tree_.lines()) report_.text(line);
    report_.text(fmt::format("{}, {}", counted(count_, "object"), human_size(bytes_)));
    report_.field("count", count_);
    report_.field("size", bytes_);
  }

 private:
  void say_folder(const std::string& folder) {
    report_.item("objects", {{"folder", folder}});
    report_.text(
        fmt::format("{:16}  {:>10}{}  {}", "", "folder", arguments_.durations ? "        -" : "", printable(folder)));
  }

  void say_object(const ObjectSummary& object, const std::optional<AudioProperties>& facts) {
    ++count_;
    bytes_ += object.size;
    nlohmann::json json{{"key", object.key},
                        {"size", object.size},
                        {"etag", object.etag},
                        {"lastModified", utc_time(object.last_modified)},
                        {"storageClass", object.storage_class}};
    if (arguments_.durations) json["durationSeconds"] = nullptr;
    if (facts) describe(*facts, json);
    report_.item("objects", json);
    const std::string size = arguments_.bytes ? fmt::format("{}", object.size) : human_size(object.size);
    const std::string duration = arguments_.durations ? duration_text(facts) : "";
    if (arguments_.tree) {
      tree_.add(object.key, size + (duration.empty() ? "" : "  " + duration));
    } else {
      report_.text(fmt::format("{}  {:>10}{}  {}", human_time(object.last_modified), size,
                               duration.empty() ? "" : fmt::format("  {:>7}", duration), printable(object.key)));
    }
  }

  const ListArguments& arguments_;
  std::shared_ptr<S3Store> store_;
  CallOptions call_;
  Report& report_;
  Tree tree_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

Result<void> list(const ListArguments& arguments, Session& session) {
  const auto store = session.store();
  if (!store) return store.error();
  const bool whole = arguments.recursive || arguments.tree;
  session.report.list("objects");
  Lister lister(arguments, *store, session);
  auto listed =
      for_each_page(**store, {.prefix = arguments.prefix, .delimiter = whole ? "" : "/", .call = session.call()},
                    [&](const ListPage& page) { return lister.take(page); });
  if (listed) lister.finish();
  return listed;
}

}  // namespace

void add_list(Program& program) {
  auto arguments = std::make_shared<ListArguments>();
  CLI::App* command = program.app.add_subcommand("ls", "list objects; times are UTC");
  command->add_option("prefix", arguments->prefix, "only keys that begin so, e.g. takes/")->type_name("PREFIX");
  command->add_flag("-r,--recursive", arguments->recursive, "also what is in folders");
  command->add_flag("--tree", arguments->tree, "all of it as a tree");
  command->add_flag("--durations", arguments->durations, "how long each take is, read from its head");
  command->add_flag("--bytes", arguments->bytes, "sizes in bytes");
  program.on(command, [arguments](Session& session) { return list(*arguments, session); });
}

}  // namespace cli
