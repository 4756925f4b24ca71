#include "policy.h"

#include "data/sql.h"

#include <fmt/format.h>

#include <cstdio>

namespace audio_service {
namespace {

using audiostore::AccessOperation;
using audiostore::AccessPolicy;
using audiostore::AccessRequest;
using audiostore::Decision;
using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::Result;

// A policy is asked on the thread of the operation that wants to know.
thread_local bool has_failed = false;

bool owns_project(SQLite::Database& db, const AccessRequest& request) {
  return sql::exists(db, "SELECT 1 FROM projects WHERE owner_id = ? AND id = ?", request.principal, request.project);
}

bool has_recording(SQLite::Database& db, const AccessRequest& request, std::string_view state) {
  return sql::exists(db, "SELECT 1 FROM recordings WHERE owner_id = ? AND project_id = ? AND id = ? AND state = ?",
                     request.principal, request.project, request.recording, state);
}

bool may(SQLite::Database& db, const AccessRequest& request) {
  if (request.principal != request.user) return false;
  switch (request.operation) {
    case AccessOperation::upload:
    case AccessOperation::list: return owns_project(db, request);
    case AccessOperation::read: return has_recording(db, request, "stored");
    case AccessOperation::remove: return has_recording(db, request, "deleting");
  }
  return false;
}

}  // namespace

AccessPolicy database_policy(Database& database, std::chrono::milliseconds patience) {
  return [&database, patience](const AccessRequest& request) {
    Database::Lease db = database.lease();
    db.limit(patience);
    return may(*db, request) ? Decision::allow : Decision::deny;
  };
}

AccessPolicy watched(AccessPolicy policy) {
  return [policy = std::move(policy)](const AccessRequest& request) {
    try {
      return policy(request);
    } catch (const SQLite::Exception& failure) {
      fmt::print(stderr, "access policy: {}\n", failure.what());
      has_failed = true;
      throw;
    } catch (...) {
      fmt::print(stderr, "access policy: it threw\n");
      has_failed = true;
      throw;
    }
  };
}

Result<void> ask(const AccessPolicy& policy, const AccessRequest& request) {
  const auto answer = [&]() -> Result<void> {
    try {
      if (policy(request) == Decision::allow) return {};
    } catch (...) {  // watched() has noted and logged it
    }
    return Error(ErrorCode::not_found, "there is no such project");
  };
  return policy_outcome(answer());
}

bool policy_has_failed() { return std::exchange(has_failed, false); }

Error policy_failure() { return {ErrorCode::unavailable, "it could not be found out who may do this; try again"}; }

}  // namespace audio_service
