// What the number says with which the program ends. The table is also what the help and the man page print.
#pragma once

#include <audiostore/error.h>

#include <span>
#include <string>
#include <string_view>

namespace cli {

enum class ExitCode {
  ok = 0,
  failed = 1,
  usage = 2,
  not_found = 3,
  denied = 4,
  unauthenticated = 5,
  refused = 6,
  exists = 7,
  unavailable = 8,
  corrupt = 9,
  no_space = 10,
  unsupported = 11,
  check_failed = 12,
  interrupted = 130,  ///< examples::Interrupt::exit_code
};

struct ExitMeaning {
  ExitCode code;
  std::string_view meaning;
};

/// All of them, by number.
std::span<const ExitMeaning> exit_meanings();

ExitCode exit_code_of(audiostore::ErrorCode code);

/// The table as lines of text.
std::string exit_codes_text();

}  // namespace cli
