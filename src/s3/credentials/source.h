// One place where credentials can be looked for.
#pragma once

#include <audiostore/credentials.h>
#include <audiostore/error.h>

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

/// A place to look, each time anew. Called by one thread at a time; ends within a time of its own choice.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;
  /// For messages; holds no secret.
  [[nodiscard]] virtual std::string name() const = 0;
  virtual Lookup look_up() = 0;
};

}  // namespace audiostore
