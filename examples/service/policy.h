// Who may do what: a question to the database.
#pragma once

#include "data/database.h"

#include <audiostore/access_policy.h>
#include <audiostore/error.h>

#include <chrono>
#include <utility>

namespace audio_service {

/// How long the database may think about one question. An answer that takes longer is none.
inline constexpr std::chrono::milliseconds policy_patience{5'000};

/// Users may do with their own projects and recordings what those are ready for, and nothing with others'. The answer
/// comes from the database at the moment of the question; where that fails, or takes longer than `patience`, it throws,
/// which denies. Whoever puts another policy in its place, one that asks a server say, gives it a limit of its own: a
/// function that does not come back cannot be ended from outside.
audiostore::AccessPolicy database_policy(Database& database, std::chrono::milliseconds patience = policy_patience);

/// `policy`, for AudioStore to ask, so that policy_outcome() can tell a policy that failed from one that said no.
/// Failures are logged.
audiostore::AccessPolicy watched(audiostore::AccessPolicy policy);

/// Asks a watched policy. Errors: not_found (denied: there is no such project), unavailable (it failed).
audiostore::Result<void> ask(const audiostore::AccessPolicy& policy, const audiostore::AccessRequest& request);

/// Whether a watched policy has failed on this thread since this was asked last.
bool policy_has_failed();
audiostore::Error policy_failure();

/// What an operation that asked a watched policy, on this thread, has come to; unavailable where it was denied since
/// the policy had failed. AudioStore denies then too, but in the words of a denial: that there is no such recording,
/// which a client would believe.
template <class T>
audiostore::Result<T> policy_outcome(audiostore::Result<T> outcome) {
  const bool failed = policy_has_failed();
  if (failed && !outcome) return policy_failure();
  return outcome;
}

}  // namespace audio_service
