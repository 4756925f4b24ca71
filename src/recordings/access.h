// Asks the application's policy, and turns everything but a clear yes into a denial.
#pragma once

#include <audiostore/access_policy.h>
#include <audiostore/audio_store.h>
#include <audiostore/error.h>

#include <string_view>

namespace audiostore {

/// What is attempted, for the error.
struct Attempt {
  std::string_view operation;  ///< as Error::operation() has it
  std::string_view key;        ///< what it is about
};

/// Asks `policy` once. Errors: as `mode` says, permission_denied or no_such_recording(attempt).
Result<void> ask(const AccessPolicy& policy, const AccessRequest& request, DenialMode mode, const Attempt& attempt);

/// What DenialMode::not_found says both of what is denied and of what is not there.
Error no_such_recording(const Attempt& attempt);

}  // namespace audiostore
