// What the commands share: how one is registered, and what it is given when it runs.
#pragma once

#include "connection.h"
#include "report.h"

#include <audiostore/call_options.h>
#include <audiostore/s3_store.h>

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

namespace cli {

/// What a command has at hand while it runs.
struct Session {
  const GlobalOptions& global;
  std::stop_token stop;  ///< requested by Ctrl-C
  Report& report;

  /// The bucket that options and environment name. Nothing is sent.
  [[nodiscard]] audiostore::Result<std::shared_ptr<audiostore::S3Store>> store() const {
    return connect(global).and_then(
        [](audiostore::S3Options options) -> audiostore::Result<std::shared_ptr<audiostore::S3Store>> {
          auto made = audiostore::make_s3_store(std::move(options));
          if (!made) return std::move(made).error();
          return std::shared_ptr<audiostore::S3Store>(*std::move(made));
        });
  }

  /// For calls that Ctrl-C is to stop.
  [[nodiscard]] audiostore::CallOptions call() const { return {.stop = stop}; }
};

/// Says what went wrong in its result, or in the report where there is more than one thing to say.
using Run = std::function<audiostore::Result<void>(Session&)>;

/// The command line while it is being parsed.
struct Program {
  CLI::App& app;
  GlobalOptions global = {};
  Run chosen = {};

  /// Has `command` run `run` where it is the one that was given.
  void on(CLI::App* command, Run run) {
    command->callback([this, run = std::move(run)] { chosen = run; });
  }
};

// Each adds one command with its options. In the order of the help.
void add_put(Program& program);
void add_get(Program& program);
void add_list(Program& program);
void add_url(Program& program);
void add_remove(Program& program);
void add_copy(Program& program);
void add_info(Program& program);
void add_serve(Program& program);
void add_cors(Program& program);
void add_lifecycle(Program& program);
void add_doctor(Program& program);
void add_completions(Program& program);

}  // namespace cli
