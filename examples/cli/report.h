// What a command has to say: lines for a person, or with --json one document for a script.
#pragma once

#include "exit_code.h"

#include <audiostore/error.h>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cli {

/// Collects what one run of the program says. For one thread at a time.
///
/// With --json, standard output is {"LIST":[ITEM,...],FIELD:...,"errors":[{"code","message",...}],"success":true} and
/// nothing else, whole also after a failure or Ctrl-C; items are written as they come. Without, text() goes to standard
/// output and failures to standard error.
class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  [[nodiscard]] bool json() const noexcept { return json_; }

  /// Text for a person; nothing with --json.
  void text(std::string_view line);
  /// Says that there is a list, though it may come to have no items.
  void list(const char* name);
  /// An item of the one list that a command can have; nothing without --json.
  void item(const char* list, const nlohmann::json& item);
  /// A field of the document; nothing without --json.
  void field(const char* name, nlohmann::json value);

  /// Says what failed, of what (a file's name, a key; "" where the error says it), and goes on. The exit code is that
  /// of the first failure.
  void fail(const audiostore::Error& error, std::string_view subject = {});
  /// A sentence for a person, to standard error, so that output can be piped; nothing with --json.
  void note(std::string_view line);
  /// Ends the run with `code` though nothing failed, e.g. after a check.
  void set_exit(ExitCode code);
  [[nodiscard]] bool failed() const noexcept { return code_.has_value(); }
  /// As far as it is known.
  [[nodiscard]] ExitCode exit_code() const noexcept { return code_.value_or(ExitCode::ok); }

  /// The document as it is now, for a command that goes on for long; another follows only after a failure.
  void publish();

  /// To be called once, last. Standard output that cannot be written is ExitCode::failed.
  ExitCode finish();

 private:
  void print_document();

  const bool json_;
  const char* list_ = nullptr;
  bool in_list_ = false;  // its head has been written
  bool published_ = false;
  std::optional<ExitCode> code_;
  nlohmann::json document_ = nlohmann::json::object();
  nlohmann::json errors_ = nlohmann::json::array();
};

/// `error` as a script sees it. Holds no secret, as no Error does.
nlohmann::json to_json(const audiostore::Error& error);

/// `json` on one line; text that is no UTF-8 (file names can be anything) is replaced where it is not.
std::string dump(const nlohmann::json& json);

/// `text` with what a terminal would obey, and bytes that are no UTF-8, made visible: names come from other programs,
/// and a terminal obeys escape sequences.
std::string printable(std::string_view text);

}  // namespace cli
