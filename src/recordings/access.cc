#include "recordings/access.h"

namespace audiostore {
namespace {

enum class Answer { allowed, denied, failed, nobody_to_ask };

Answer answer_of(const AccessPolicy& policy, const AccessRequest& request) noexcept {
  if (!policy) return Answer::nobody_to_ask;
  try {
    return policy(request) == Decision::allow ? Answer::allowed : Answer::denied;
  } catch (...) {  // what it threw may tell what is not to be told
    return Answer::failed;
  }
}

std::string_view reason(Answer answer) noexcept {
  switch (answer) {
    case Answer::nobody_to_ask: return "access is denied, since AudioStore was given an empty policy";
    case Answer::failed: return "access is denied, since the access policy threw an exception";
    default: return "the access policy does not allow this";
  }
}

}  // namespace

std::string_view to_string(AccessOperation operation) noexcept {
  switch (operation) {
    case AccessOperation::upload: return "upload";
    case AccessOperation::read: return "read";
    case AccessOperation::remove: return "remove";
    case AccessOperation::list: return "list";
  }
  return "unknown";
}

AccessPolicy owner_only() {
  return [](const AccessRequest& request) {
    const bool owner = !request.principal.empty() && request.principal == request.user;
    return owner ? Decision::allow : Decision::deny;
  };
}

Error no_such_recording(const Attempt& attempt) {
  return Error(ErrorCode::not_found, "there is no such recording")
      .with_operation(attempt.operation)
      .with_key(attempt.key);
}

Result<void> ask(const AccessPolicy& policy, const AccessRequest& request, DenialMode mode, const Attempt& attempt) {
  const Answer answer = answer_of(policy, request);
  if (answer == Answer::allowed) return {};
  if (mode == DenialMode::not_found) return no_such_recording(attempt);
  return Error(ErrorCode::permission_denied, reason(answer)).with_operation(attempt.operation).with_key(attempt.key);
}

}  // namespace audiostore
