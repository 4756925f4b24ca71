// One place where credentials can be looked for.
#pragma once

#include <audiostore/credentials.h>
#include <audiostore/error.h>

#include "core/call_guard.h"

#include <string>
#include <variant>

namespace audiostore {

/// A source that nobody set up here, and what it would have needed. Another one may be asked.
struct NotConfigured {
  std::string why;
};

/// What a source has. An Error is a source that is set up and does not work: asking another one instead would sign in
/// the name of somebody else.
using Lookup = Result<std::variant<Credentials, NotConfigured>>;

/// A place to look, each time anew. Called by one thread at a time.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;
  /// For messages; holds no secret.
  [[nodiscard]] virtual std::string name() const = 0;
  /// Ends within a time of its own choice, and with the call that waits for it. Errors: also cancelled, timed_out.
  virtual Lookup look_up_for(const CallGuard& call) = 0;

  /// For nobody who could be in a hurry.
  Lookup look_up() {
    const CallOptions unlimited;
    return look_up_for(CallGuard(unlimited));
  }
};

}  // namespace audiostore
