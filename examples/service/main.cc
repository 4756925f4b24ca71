// audio-service: recordings of many users, kept in a bucket, played through signed URLs.
//   audio-service [serve] [--data DIR] [--port N] [--env] ...
//   audio-service add-user NAME [--data DIR]
//   audio-service new-token NAME [--data DIR]
//   audio-service reconcile [--data DIR] [--env]
#include "service.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace {

using namespace audio_service;

std::string web_folder() {
  const bool is_installed = std::filesystem::exists(AUDIO_SERVICE_WEB_INSTALLED);
  return is_installed ? AUDIO_SERVICE_WEB_INSTALLED : AUDIO_SERVICE_WEB_SOURCE;
}

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int fail(const audiostore::Error& error) {
  fmt::print(stderr, "audio-service: {}\n", error.to_string());
  return 1;
}

int serve(const ServiceOptions& options, bool only_routes) {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread is started, so that only sigwait() takes them
  auto service = Service::open(options);
  if (!service) return fail(service.error());
  if (only_routes) {
    for (const Route& route : (*service)->routes()) fmt::print("{} {}\n", route.method, route.path);
    return 0;
  }
  (*service)->start();
  fmt::print("listening {}\n", (*service)->url());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

/// Prints the token that `make` makes for the user of this name.
int print_token(const ServiceOptions& options, const std::string& name,
                audiostore::Result<std::string> (Accounts::*make)(std::string_view)) {
  prepare_data_folder(options);
  Database database(database_file(options));
  Accounts accounts(database, audiostore::system_clock());
  const auto token = (accounts.*make)(name);
  if (!token) return fail(token.error());
  fmt::print(stderr, "This token is shown once; whoever has it is {}:\n", name);
  fmt::print("{}\n", *token);
  return 0;
}

/// 0: everything fits; 3: something does not, and is listed; 1: it could not be found out.
int reconcile(const ServiceOptions& options, bool everything) {
  auto shop = Workshop::open(options, {});
  if (!shop) return fail(shop.error());
  const SweepReport swept = (*shop)->clean_up.sweep(everything);
  fmt::print("finished {} left-over rows, removed {} ended tickets\n", swept.finished, swept.tickets);
  for (const std::string& failure : swept.failures) fmt::print("not yet: {}\n", failure);
  const auto mismatches = (*shop)->clean_up.compare();
  if (!mismatches) return fail(mismatches.error());
  for (const std::string& key : mismatches->objects_without_row) fmt::print("object without a row: {}\n", key);
  for (const std::string& key : mismatches->rows_without_object) fmt::print("row without an object: {}\n", key);
  return mismatches->empty() && swept.failures.empty() ? 0 : 3;
}

void add_data_options(CLI::App& command, ServiceOptions& options) {
  command.add_option("--data", options.data, "folder of the database, the spool and the embedded storage")
      ->capture_default_str();
}

void add_storage_options(CLI::App& command, ServiceOptions& options) {
  command.add_flag("--env", options.environment, "the bucket that AWS_S3_BUCKET, AWS_REGION ... name");
}

void add_rate_options(CLI::App& command, AdmissionRates& rates) {
  command
      .add_option_function<double>(
          "--user-rate",
          [&rates](double rate) { rates.user = {.per_second = rate, .at_once = std::max(1.0, 10 * rate)}; },
          "requests a second of one user, ten times as many at once; 0 for no limit")
      ->check(CLI::NonNegativeNumber)
      ->default_str(fmt::format("{}", rates.user.per_second));
  command
      .add_option_function<double>(
          "--failed-logins",
          [&rates](double count) { rates.failed_logins = {.per_second = count / 60, .at_once = std::max(1.0, count)}; },
          "bad tokens a minute from one address; 0 for no limit")
      ->check(CLI::NonNegativeNumber)
      ->default_str(fmt::format("{}", rates.failed_logins.at_once));
}

void add_serve_options(CLI::App& command, ServiceOptions& options, bool& only_routes) {
  add_data_options(command, options);
  add_storage_options(command, options);
  command.add_option("--listen", options.host, "address to listen on")->capture_default_str();
  command.add_option("--port", options.port, "port to listen on, 0 for any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command.add_option("--storage-port", options.storage_port, "port of the embedded storage, 0 for any free one");
  command.add_option("--web", options.web, "folder of the recorder page")->capture_default_str();
  command.add_option("--origin", options.origins,
                     "origin of our pages, where a proxy serves them: https://audio.example");
  command.add_option("--max-bytes", options.max_bytes, "of a recording")->capture_default_str();
  command
      .add_option("--multipart-above", options.tickets.multipart_threshold,
                  "bytes above which direct uploads are in parts")
      ->capture_default_str();
  command.add_flag("!--no-post-forms", options.tickets.allow_post, "direct uploads by PUT even where forms would do");
  command
      .add_option("--connections-per-address", options.server.connections_per_peer,
                  "that are answered at once; behind a proxy all come from its address")
      ->capture_default_str();
  add_rate_options(command, options.rates);
  command.add_flag("--public-metrics", options.metrics_for_anyone,
                   "/metrics for everybody, not for this machine only; with --origin, for nobody without it");
  command.add_flag("!--quiet", options.log_requests, "do not log requests");
  command.add_flag("--print-routes", only_routes, "print what would be served, and end");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Keeps audio recordings of many users in S3-compatible storage, or on this machine.");
  ServiceOptions options;
  options.web = web_folder();
  std::string name;
  bool only_routes = false;
  bool everything = false;

  CLI::App* serving = app.add_subcommand("serve", "serve the API and the page (what happens without a command)");
  add_serve_options(*serving, options, only_routes);
  add_serve_options(app, options, only_routes);
  CLI::App* adding = app.add_subcommand("add-user", "make a user, and print the token to log in with");
  CLI::App* renewing = app.add_subcommand("new-token", "another token for a user; those of before end, and sessions");
  for (CLI::App* command : {adding, renewing}) {
    command->add_option("name", name, "the user's name")->required();
    add_data_options(*command, options);
  }
  CLI::App* reconciling = app.add_subcommand("reconcile", "finish what was left over; list what does not fit together");
  add_data_options(*reconciling, options);
  add_storage_options(*reconciling, options);
  reconciling->add_flag("--no-service-runs", everything, "do not wait for leases of processes that are gone");
  app.require_subcommand(0, 1);
  CLI11_PARSE(app, argc, argv);

  try {
    if (adding->parsed()) return print_token(options, name, &Accounts::add_user);
    if (renewing->parsed()) return print_token(options, name, &Accounts::new_token);
    if (reconciling->parsed()) return reconcile(options, everything);
    return serve(options, only_routes);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "audio-service: {}\n", failure.what());
    return 1;
  }
}
