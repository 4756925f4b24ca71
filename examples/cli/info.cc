#include "audio_facts.h"
#include "human.h"
#include "program.h"

#include <audiostore/stored_payload.h>

#include <fmt/format.h>

#include <filesystem>

namespace cli {
namespace {

using namespace audiostore;

struct InfoArguments {
  std::vector<std::string> names;
  bool stored = false;
};

struct Subject {
  nlohmann::json json;
  Result<AudioProperties> facts;
};

Result<Subject> look_at_file(const std::string& name) {
  const auto payload = Payload::from_file(name);
  if (!payload) return payload.error();
  return Subject{{{"file", name}, {"size", payload->size()}}, probe_audio(*payload)};
}

Result<Subject> look_at_object(const std::string& name, Session& session) {
  const auto key = ObjectKey::parse(name);
  if (!key) return key.error();
  const auto store = session.store();
  if (!store) return store.error();
  const auto info = (*store)->head(*key, {.call = session.call()});
  if (!info) return info.error();
  nlohmann::json json{{"key", info->key},
                      {"size", info->size},
                      {"storedType", info->attributes.content_type},
                      {"lastModified", utc_time(info->last_modified)},
                      {"etag", info->etag},
                      {"storageClass", info->storage_class}};
  if (!info->encryption.empty()) json["encryption"] = info->encryption;
  if (!info->digests.sha256.empty()) json["sha256"] = info->digests.sha256;
  if (!info->attributes.metadata.empty()) json["metadata"] = info->attributes.metadata;
  return Subject{std::move(json), probe_audio(stored_payload(*store, *key, *info, session.call()))};
}

/// A line a fact, under the name.
void print(const Subject& subject, const std::string& name, Report& report) {
  report.text(printable(name));
  const auto line = [&](std::string_view what, std::string_view value) {
    report.text(fmt::format("  {:<14}{}", what, printable(value)));
  };
  const auto from_json = [&](std::string_view what, const char* field) {
    if (subject.json.contains(field)) line(what, subject.json[field].get<std::string>());
  };
  line("where", subject.json.contains("key") ? "in the bucket" : "on this machine");
  line("size", human_size(subject.json["size"].get<std::uint64_t>()));
  if (subject.facts) {
    line("format", mime_type(subject.facts->format));
    line("channels", subject.facts->channels == 0 ? "-" : std::to_string(subject.facts->channels));
    line("sample rate", subject.facts->sample_rate == 0 ? "-" : fmt::format("{} Hz", subject.facts->sample_rate));
    line("duration", duration_text(*subject.facts));
  }
  from_json("stored as", "storedType");
  from_json("last modified", "lastModified");
  from_json("ETag", "etag");
  from_json("storage class", "storageClass");
  from_json("encryption", "encryption");
  from_json("SHA-256", "sha256");
}

Result<void> info(const InfoArguments& arguments, Session& session) {
  session.report.list("results");
  for (const std::string& name : arguments.names) {
    if (session.stop.stop_requested()) return Error(ErrorCode::cancelled, fmt::format("stopped before {}", name));
    std::error_code ignored;
    const bool local = !arguments.stored && std::filesystem::exists(name, ignored);
    auto subject = local ? look_at_file(name) : look_at_object(name, session);
    if (!subject) {
      session.report.fail(subject.error(), name);
      continue;
    }
    print(*subject, name, session.report);
    if (subject->facts) {
      describe(*subject->facts, subject->json);
    } else {
      session.report.fail(subject->facts.error(), name);
    }
    session.report.item("results", subject->json);
  }
  return {};
}

}  // namespace

void add_info(Program& program) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* command = program.app.add_subcommand("info", "format, channels and duration of a file or an object");
  command->add_option("names", arguments->names, "files; what is no file here is a key in the bucket")
      ->required()
      ->type_name("FILE|KEY");
  command->add_flag("--stored", arguments->stored, "all of them are keys");
  program.on(command, [arguments](Session& session) { return info(*arguments, session); });
}

}  // namespace cli
