// Programs that are run for what they print.
#pragma once

#include <audiostore/credentials.h>
#include <audiostore/error.h>

#include "core/call_guard.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace audiostore {

struct ChildLimits {
  std::chrono::milliseconds time = std::chrono::seconds(60);
  std::size_t bytes = std::size_t{64} * 1024;
};

/// Runs argv[0], found by PATH, and returns what it prints. There is no shell; it reads nothing, and what it prints on
/// its standard error goes nowhere, since that may be secret. What runs longer or prints more than `limits` allow is
/// killed, with what it started; so it is when `call` ends. POSIX only. REQUIRES: argv is not empty.
/// Errors: not_found, permission_denied, internal (it cannot be run), unauthenticated (it failed), timed_out,
/// cancelled, corrupt (too much output). They name argv[0] only: arguments may be secret.
Result<Secret> run_for_output(const std::vector<std::string>& argv, const ChildLimits& limits, const CallGuard& call);

}  // namespace audiostore
