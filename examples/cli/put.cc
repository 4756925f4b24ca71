#include "at_once.h"
#include "checkpoint_file.h"
#include "human.h"
#include "local_files.h"
#include "program.h"
#include "transfer_display.h"
#include "upload.h"

#include <audiostore/audio.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <set>

namespace cli {
namespace {

using namespace audiostore;

struct PutArguments {
  std::vector<std::string> files;
  std::string key;
  std::string prefix;
  std::string content_type;
  unsigned concurrency = 4;
  bool any = false;
  bool no_overwrite = false;
  bool restart = false;
};

AudioLimits every_format() {
  return {.allowed = {AudioFormat::wav, AudioFormat::webm, AudioFormat::mp3, AudioFormat::ogg, AudioFormat::mp4,
                      AudioFormat::flac, AudioFormat::aiff},
          .max_bytes = std::numeric_limits<std::uint64_t>::max()};
}

/// The type under which the file is stored. Errors: those of inspect_audio(), unless any file may go up.
Result<std::string> content_type_of(const Payload& payload, const PutArguments& arguments) {
  const auto audio = inspect_audio(payload, every_format());
  if (!audio && !arguments.any) {
    const bool other = audio.error().code() == ErrorCode::unsupported_media_type;
    if (!other) return audio.error();
    return Error(audio.error().code(), audio.error().message() + "; --any uploads what is not audio, too");
  }
  if (!arguments.content_type.empty()) return arguments.content_type;
  return std::string(audio ? mime_type(audio->format) : "application/octet-stream");
}

std::string key_text(const std::filesystem::path& file, const PutArguments& arguments) {
  if (!arguments.key.empty()) return arguments.key;
  const bool joined = arguments.prefix.empty() || arguments.prefix.ends_with('/');
  return arguments.prefix + (joined ? "" : "/") + file.filename().string();
}

Result<Upload> plan(const std::filesystem::path& file, const PutArguments& arguments) {
  auto key = ObjectKey::parse(key_text(file, arguments));
  if (!key) return std::move(key).error();
  auto payload = Payload::from_file(file);
  if (!payload) return std::move(payload).error();
  auto type = content_type_of(*payload, arguments);
  if (!type) return std::move(type).error();
  return Upload{file, *std::move(key), *std::move(payload), {.content_type = *std::move(type)}};
}

/// All files that can go up; the others are reported. Errors: invalid_argument where two would have one key.
Result<std::vector<Upload>> plan_all(const PutArguments& arguments, Report& report) {
  std::vector<Upload> uploads;
  std::set<ObjectKey> keys;
  for (const std::string& argument : arguments.files) {
    const auto files = files_of(argument);
    if (!files) {
      report.fail(files.error(), argument);
      continue;
    }
    for (const auto& file : *files) {
      auto upload = plan(file, arguments);
      if (!upload) {
        report.fail(upload.error(), file.string());
      } else if (!keys.insert(upload->key).second) {
        return Error(ErrorCode::invalid_argument, "several of the files would be stored under this key")
            .with_key(upload->key.str());
      } else {
        uploads.push_back(*std::move(upload));
      }
    }
  }
  return uploads;
}

void say_stored(Report& report, const Upload& upload, const UploadOutcome& outcome) {
  const std::string resumed =
      outcome.resumed_from == 0 ? "" : fmt::format(", resumed at {}", human_size(outcome.resumed_from));
  report.text(fmt::format("stored {} ({}, {}{})", printable(upload.key.str()), human_size(upload.payload.size()),
                          upload.attributes.content_type, resumed));
  report.item("results", {{"file", upload.file.string()},
                          {"key", upload.key.str()},
                          {"size", upload.payload.size()},
                          {"contentType", upload.attributes.content_type},
                          {"etag", outcome.result->etag},
                          {"resumedFrom", outcome.resumed_from}});
}

void say_failed(Report& report, const Upload& upload, const UploadOutcome& outcome) {
  report.fail(outcome.result.error(), upload.file.string());
  if (outcome.resumable == 0) return;
  report.note(fmt::format("resumable: {} of {} of {} are stored; the same command goes on from there",
                          human_size(outcome.resumable), human_size(upload.payload.size()),
                          printable(upload.file.string())));
  report.item("results", {{"file", upload.file.string()},
                          {"key", upload.key.str()},
                          {"size", upload.payload.size()},
                          {"resumable", outcome.resumable}});
}

/// Uploads all, a few at a time.
class PutRun {
 public:
  PutRun(ObjectStore& store, const std::vector<Upload>& uploads, const UploadSettings& settings, Session& session)
      : store_(store),
        uploads_(uploads),
        settings_(settings),
        session_(session),
        display_(!session.report.json(), uploads.size(), total_of(uploads)) {}

  void run(std::size_t files_at_once) {
    for_each_at_once(uploads_.size(), files_at_once, [this](std::size_t i) {
      if (session_.stop.stop_requested()) {
        ++not_begun_;
      } else {
        upload(i);
      }
    });
    if (not_begun_ == 0) return;
    session_.report.fail({ErrorCode::cancelled, fmt::format("{} not begun", counted(not_begun_, "file"))});
  }

 private:
  static std::uint64_t total_of(const std::vector<Upload>& uploads) {
    std::uint64_t total = 0;
    for (const Upload& upload : uploads) total += upload.payload.size();
    return total;
  }

  void upload(std::size_t i) {
    const Upload& upload = uploads_[i];
    display_.begin(i, printable(upload.file.filename().string()), upload.payload.size());
    CallOptions call = session_.call();
    call.on_progress = [&](const Progress& progress) { display_.update(i, progress.done, upload.payload.size()); };
    const UploadOutcome outcome = run_upload(store_, upload, settings_, call);
    display_.end(i);
    display_.print([&] { (outcome.result ? say_stored : say_failed)(session_.report, upload, outcome); });
  }

  ObjectStore& store_;
  const std::vector<Upload>& uploads_;
  const UploadSettings& settings_;
  Session& session_;
  TransferDisplay display_;
  std::atomic<std::uint64_t> not_begun_ = 0;  // when Ctrl-C came
};

UploadSettings settings_of(const PutArguments& arguments, const S3Options& options, Report& report) {
  UploadSettings settings{.service = options.endpoint.empty() ? options.region : options.endpoint,
                          .bucket = options.bucket,
                          .checkpoints = {},
                          .mode = arguments.no_overwrite ? PutMode::create : PutMode::overwrite,
                          .restart = arguments.restart};
  auto folder = checkpoint_folder();
  if (folder) {
    settings.checkpoints = *std::move(folder);
  } else {
    report.note(fmt::format("nothing will be resumable: {}", folder.error().message()));
  }
  return settings;
}

Result<void> put(const PutArguments& arguments, Session& session) {
  session.report.list("results");
  const auto uploads = plan_all(arguments, session.report);
  if (!uploads) return uploads.error();
  if (uploads->empty()) return {};
  auto options = connect(session.global);
  if (!options) return options.error();
  const UploadSettings settings = settings_of(arguments, *options, session.report);
  const std::size_t files_at_once = std::min<std::size_t>(arguments.concurrency, uploads->size());
  options->transfer.parts_in_flight = static_cast<int>(std::max<std::size_t>(1, arguments.concurrency / files_at_once));
  const auto store = make_s3_store(*std::move(options));
  if (!store) return store.error();
  PutRun(**store, *uploads, settings, session).run(files_at_once);
  return {};
}

}  // namespace

void add_put(Program& program) {
  auto arguments = std::make_shared<PutArguments>();
  CLI::App* command = program.app.add_subcommand("put", "upload audio files");
  command->add_option("files", arguments->files, "files, or patterns such as 'takes/*.wav'")
      ->required()
      ->type_name("FILE");
  auto* key = command->add_option("--key", arguments->key, "the key of the one file")->type_name("KEY");
  command->add_option("--prefix", arguments->prefix, "the folder in the bucket; the files keep their names")
      ->type_name("PREFIX")
      ->excludes(key);
  command->add_option("--content-type", arguments->content_type, "instead of the type that the bytes have")
      ->type_name("TYPE");
  command->add_option("--concurrency", arguments->concurrency, "requests at a time, of all files together")
      ->capture_default_str()
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  command->add_flag("--any", arguments->any, "also what is not audio");
  command->add_flag("--no-overwrite", arguments->no_overwrite, "fail where there is an object already");
  command->add_flag("--restart", arguments->restart, "do not go on with an upload that was stopped");
  program.on(command, [arguments](Session& session) { return put(*arguments, session); });
}

}  // namespace cli
