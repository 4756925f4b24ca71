#include "exit_code.h"

#include <fmt/format.h>

#include <array>

namespace cli {
namespace {

using audiostore::ErrorCode;

constexpr std::array meanings{
    ExitMeaning{ExitCode::ok, "done"},
    ExitMeaning{ExitCode::failed, "failed for a reason that has no number of its own"},
    ExitMeaning{ExitCode::usage, "the command or its input is wrong"},
    ExitMeaning{ExitCode::not_found, "no such file, object or bucket"},
    ExitMeaning{ExitCode::denied, "access denied"},
    ExitMeaning{ExitCode::unauthenticated, "credentials are missing, wrong or expired"},
    ExitMeaning{ExitCode::refused, "not audio that may be stored, or too large"},
    ExitMeaning{ExitCode::exists, "something is there already, or has changed meanwhile"},
    ExitMeaning{ExitCode::unavailable, "the service or the network does not answer as it should; try again later"},
    ExitMeaning{ExitCode::corrupt, "bytes are not what they should be; nothing of them was kept"},
    ExitMeaning{ExitCode::no_space, "no space left"},
    ExitMeaning{ExitCode::unsupported, "the service cannot do this"},
    ExitMeaning{ExitCode::check_failed, "a check found something to be done"},
    ExitMeaning{ExitCode::interrupted, "stopped by Ctrl-C or SIGTERM"},
};

}  // namespace

std::span<const ExitMeaning> exit_meanings() { return meanings; }

ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return ExitCode::usage;
    case ErrorCode::not_found: return ExitCode::not_found;
    case ErrorCode::permission_denied: return ExitCode::denied;
    case ErrorCode::unauthenticated: return ExitCode::unauthenticated;
    case ErrorCode::too_large:
    case ErrorCode::unsupported_media_type: return ExitCode::refused;
    case ErrorCode::already_exists:
    case ErrorCode::precondition_failed:
    case ErrorCode::conflict: return ExitCode::exists;
    case ErrorCode::rate_limited:
    case ErrorCode::unavailable:
    case ErrorCode::timed_out: return ExitCode::unavailable;
    case ErrorCode::corrupt: return ExitCode::corrupt;
    case ErrorCode::no_space: return ExitCode::no_space;
    case ErrorCode::unsupported: return ExitCode::unsupported;
    case ErrorCode::cancelled: return ExitCode::interrupted;
    case ErrorCode::not_modified:
    case ErrorCode::range_not_satisfiable:
    case ErrorCode::internal: return ExitCode::failed;
  }
  return ExitCode::failed;
}

std::string exit_codes_text() {
  std::string text = "Exit status:";
  for (const ExitMeaning& meaning : meanings) {
    text += fmt::format("\n  {:>3}  {}", static_cast<int>(meaning.code), meaning.meaning);
  }
  return text;
}

}  // namespace cli
