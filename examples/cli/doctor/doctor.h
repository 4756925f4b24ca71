// Why storage does not work, and what to do.
#pragma once

#include "examination.h"
#include "finding.h"

#include <functional>

namespace cli::doctor {

/// Called with each finding as soon as it is there.
using OnFinding = std::function<void(const Finding&)>;

/// Runs every check in its order; one that needs another which did not go well is skipped and says so. An object is
/// written under the prefix and removed again, whatever happens in between, Ctrl-C included. No finding holds a secret.
Findings examine(Subject subject, const OnFinding& on_finding = {});

}  // namespace cli::doctor
