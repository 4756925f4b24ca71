#include "policy.h"

#include "data/sql.h"

namespace audio_service {
namespace {

using audiostore::AccessOperation;
using audiostore::AccessRequest;
using audiostore::Decision;

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

audiostore::AccessPolicy database_policy(Database& database) {
  return [&database](const AccessRequest& request) {
    return may(*database.lease(), request) ? Decision::allow : Decision::deny;
  };
}

bool is_allowed(const audiostore::AccessPolicy& policy, const AccessRequest& request) {
  try {
    return policy && policy(request) == Decision::allow;
  } catch (...) {
    return false;
  }
}

}  // namespace audio_service
