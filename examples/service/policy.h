// Who may do what: a question to the database.
#pragma once

#include "data/database.h"

#include <audiostore/access_policy.h>

namespace audio_service {

/// Users may do with their own projects and recordings what those are ready for, and nothing with others'. The answer
/// comes from the database at the moment of the question; where that fails it throws, which denies.
audiostore::AccessPolicy database_policy(Database& database);

/// Asks `policy` as AudioStore does: whatever is not a plain "allow", a throw among it, is a denial.
bool is_allowed(const audiostore::AccessPolicy& policy, const audiostore::AccessRequest& request);

}  // namespace audio_service
