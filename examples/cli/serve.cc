#include "program.h"

#include <audiostore/file_store.h>
#include <audiostore/local_endpoint.h>

#include <fmt/format.h>

#include <interrupt.h>
#include <cstdint>

namespace cli {
namespace {

using namespace audiostore;

struct ServeArguments {
  std::string folder;
  std::uint16_t port = 0;
  std::vector<std::string> origins;
};

/// What other S3 tools need. The secret is shown because it is this server's own, made for this run.
nlohmann::json environment_of(const LocalEndpoint& endpoint, const LocalEndpointOptions& options) {
  const Credentials& credentials = endpoint.credentials();
  return {{"AWS_ENDPOINT_URL", endpoint.url()},
          {"AWS_ENDPOINT_URL_S3", endpoint.url()},
          {"AWS_ACCESS_KEY_ID", credentials.access_key_id},
          {"AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.reveal()},
          {"AWS_SESSION_TOKEN", ""},  // one that is there belongs to other keys
          {"AUDIOSTORE_PROVIDER", "local"},
          {"AWS_REGION", options.region},
          {"AWS_DEFAULT_REGION", options.region},
          {"AWS_S3_BUCKET", options.bucket}};
}

/// As one word of a shell's command line.
std::string in_quotes(const std::string& value) {
  return "'" + CLI::detail::find_and_replace(value, "'", "'\\''") + "'";
}

Result<void> serve(const ServeArguments& arguments, Session& session) {
  auto files = make_file_store(arguments.folder);
  if (!files) return std::move(files).error();
  LocalEndpointOptions options{.port = arguments.port, .allowed_origins = arguments.origins};
  if (!session.global.bucket.empty()) options.bucket = session.global.bucket;
  if (!session.global.region.empty()) options.region = session.global.region;
  const auto endpoint = LocalEndpoint::start(*std::move(files), options);
  if (!endpoint) return endpoint.error();
  const nlohmann::json environment = environment_of(**endpoint, options);
  for (const auto& [name, value] : environment.items()) {
    session.report.text(fmt::format("export {}={}", name, in_quotes(value.get<std::string>())));
  }
  session.report.field("environment", environment);
  session.report.publish();
  session.report.note(
      fmt::format("serving {} until Ctrl-C; paste these lines into another terminal", printable(arguments.folder)));
  examples::wait_for(session.stop);
  return {};
}

}  // namespace

void add_serve(Program& program) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = program.app.add_subcommand("serve", "an S3 server on this machine over a folder");
  command->add_option("folder", arguments->folder, "whose files are the objects; made if it is missing")
      ->required()
      ->type_name("FOLDER");
  command->add_option("--port", arguments->port, "default any free one")->type_name("PORT");
  command->add_option("--origin", arguments->origins, "a web page's origin that may use it; may be given again")
      ->allow_extra_args(false)
      ->type_name("ORIGIN");
  program.on(command, [arguments](Session& session) { return serve(*arguments, session); });
}

}  // namespace cli
