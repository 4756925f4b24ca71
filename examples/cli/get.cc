#include "human.h"
#include "program.h"
#include "transfer_display.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace cli {
namespace {

namespace fs = std::filesystem;
using namespace audiostore;

struct GetArguments {
  std::string key;
  std::string destination;
  int concurrency = 4;
  bool force = false;
};

/// Errors: what the disk or the pipe behind standard output says.
Result<void> write_out(ByteSpan bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return {};
  const bool full = errno == ENOSPC;
  std::clearerr(stdout);  // it is reported here
  return Error(full ? ErrorCode::no_space : ErrorCode::internal, "standard output cannot be written");
}

fs::path target_of(const GetArguments& arguments, const ObjectKey& key) {
  fs::path name = fs::path(key.str()).filename();
  if (arguments.destination.empty()) return name;
  std::error_code ignored;
  const fs::path given = arguments.destination;
  return fs::is_directory(given, ignored) ? given / name : given;
}

/// Errors: also already_exists, for a file that nobody said may be replaced.
Result<ObjectInfo> fetch(ObjectStore& store, const ObjectKey& key, const fs::path& target,
                         const GetArguments& arguments, const CallOptions& call) {
  if (arguments.destination == "-") return store.get(key, write_out, {.call = call});
  std::error_code ignored;
  if (!arguments.force && fs::exists(fs::symlink_status(target, ignored))) {
    return Error(ErrorCode::already_exists, fmt::format("{} is there already; --force replaces it", target.string()));
  }
  return store.get_to_file(key, target, {.parts_in_flight = arguments.concurrency, .call = call});
}

Result<ObjectInfo> fetch_with_bar(ObjectStore& store, const ObjectKey& key, const fs::path& target,
                                  const GetArguments& arguments, const Session& session) {
  TransferDisplay display(!session.report.json(), 1, 0);
  display.begin(0, printable(fs::path(key.str()).filename().string()), 0);
  CallOptions call = session.call();
  call.on_progress = [&](const Progress& progress) { display.update(0, progress.done, progress.total); };
  auto fetched = fetch(store, key, target, arguments, call);
  if (fetched) display.end(0);
  return fetched;
}

Result<void> get(const GetArguments& arguments, Session& session) {
  const bool to_output = arguments.destination == "-";
  if (to_output && session.report.json()) {
    return Error(ErrorCode::invalid_argument, "--json and the object cannot both go to standard output");
  }
  const auto key = ObjectKey::parse(arguments.key);
  if (!key) return key.error();
  const auto store = session.store();
  if (!store) return store.error();
  const fs::path target = target_of(arguments, *key);
  const auto got = fetch_with_bar(**store, *key, target, arguments, session);
  if (!got) return got.error();
  if (to_output) return {};
  session.report.text(fmt::format("saved {} ({})", printable(target.string()), human_size(got->size)));
  session.report.field("key", key->str());
  session.report.field("file", target.string());
  session.report.field("size", got->size);
  session.report.field("contentType", got->attributes.content_type);
  session.report.field("etag", got->etag);
  return {};
}

}  // namespace

void add_get(Program& program) {
  auto arguments = std::make_shared<GetArguments>();
  CLI::App* command = program.app.add_subcommand("get", "download an object");
  command->add_option("key", arguments->key, "the key of the object")->required()->type_name("KEY");
  command->add_option("to", arguments->destination, "a file, a folder, or - for standard output; default its own name")
      ->type_name("FILE");
  command->add_option("--concurrency", arguments->concurrency, "parts of the object at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  command->add_flag("--force", arguments->force, "replace a file that is there");
  program.on(command, [arguments](Session& session) { return get(*arguments, session); });
}

}  // namespace cli
