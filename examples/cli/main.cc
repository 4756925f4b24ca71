// audiostore: recordings in a bucket, from the command line. `audiostore --help` lists the commands.
#include "exit_code.h"
#include "help.h"
#include "program.h"
#include "usage_error.h"

#include <interrupt.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

namespace {

using namespace cli;

/// The commands in the order of the help. A new one has its line here and its declaration in program.h.
constexpr auto commands = {add_put,  add_get,   add_list, add_url,       add_remove, add_copy,
                           add_info, add_serve, add_cors, add_lifecycle, add_doctor, add_completions};

void add_global_options(Program& program) {
  CLI::App& app = program.app;
  GlobalOptions& global = program.global;
  app.add_option("--profile", global.profile, "the profile of ~/.aws whose credentials are used")->type_name("NAME");
  app.add_option("--endpoint", global.endpoint, "the service, https://host[:port]; default AWS_ENDPOINT_URL_S3")
      ->type_name("URL");
  app.add_option("--bucket", global.bucket, "the bucket; default AWS_S3_BUCKET")->type_name("NAME");
  app.add_option("--region", global.region, "its region; default AWS_REGION")->type_name("NAME");
  app.add_option("--provider", global.provider, "whose service it is; default AUDIOSTORE_PROVIDER, or by its host")
      ->check(CLI::IsMember(provider_names()))
      ->type_name("NAME");
  app.add_flag("--allow-http", global.allow_http, "also speak http:// with hosts other than this one");
  app.add_flag("--json", global.json, "one JSON document on standard output, for scripts");
}

/// Whether a script is asking, also where the command line is too wrong to be parsed.
bool asks_for_json(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](std::string_view argument) { return argument == "--json"; });
}

/// A command line that says nothing to do: help that was asked for, or what is wrong with it.
ExitCode explain(const CLI::App& app, const CLI::ParseError& error, bool json) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error) == 0 ? ExitCode::ok : ExitCode::usage;
  }
  Report report(json);
  report.fail({audiostore::ErrorCode::invalid_argument, explain_usage(app, error)});
  return report.finish();
}

/// Whether it is about the bucket as it is set up, not about what was asked of it.
bool is_for_the_doctor(ExitCode code) {
  return code == ExitCode::denied || code == ExitCode::unauthenticated || code == ExitCode::unavailable;
}

ExitCode run(const Program& program) {
  Report report(program.global.json);
  try {
    const examples::Interrupt interrupt;
    Session session{program.global, interrupt.token(), report};
    const auto done = program.chosen(session);
    if (!done) report.fail(done.error());
  } catch (const std::exception& failure) {  // no memory, no thread
    report.fail({audiostore::ErrorCode::internal, failure.what()});
  }
  if (is_for_the_doctor(report.exit_code())) report.note("'audiostore doctor' says why, and what to do");
  return report.finish();
}

ExitCode start(int argc, char** argv) {
  CLI::App app(
      "Recordings in S3-compatible object storage.\n"
      "To try it without an account:  audiostore serve FOLDER\n"
      "If something does not work:    audiostore doctor\n",
      "audiostore");
  app.set_help_flag("-h,--help", "print this help");
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer("Options of every command, and the exit status: audiostore --help, audiostore(1)");  // the commands' own
  app.require_subcommand(1);
  app.fallthrough();
  Program program{app};
  add_global_options(program);
  for (const auto& add : commands) add(program);
  for (CLI::App* command : app.get_subcommands(nullptr)) command->group("Commands");
  app.set_version_flag("--version", "audiostore " AUDIOSTORE_CLI_VERSION " (library " AUDIOSTORE_VERSION ")",
                       "print the versions of this program and of the library in it");
  app.footer(exit_codes_text());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error, asks_for_json(argc, argv));
  }
  return run(program);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return static_cast<int>(start(argc, argv));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "audiostore: {}\n", failure.what());
    return static_cast<int>(ExitCode::failed);
  }
}
