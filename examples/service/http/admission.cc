#include "http/admission.h"

#include "http/client_address.h"
#include "http/refusal.h"

namespace audio_service {
namespace {

void check(std::chrono::seconds wait, const char* what) {
  if (wait.count() > 0) throw Refusal(429, "rate_limited", what, wait);
}

constexpr const char* too_many_requests = "too many requests; try again later";
constexpr const char* too_many_tokens = "too many tokens that are nobody's came from this address; try again later";

}  // namespace

User Admission::admit(const httplib::Request& request, const std::string& token) {
  auto user = token.empty() ? std::nullopt : accounts_.user_of(token);
  if (user) {
    check(users_.take(user->id), too_many_requests);
    return *std::move(user);
  }
  if (!token.empty()) check(failed_logins_.take(client_address(request)), too_many_tokens);
  throw Refusal(401, "unauthenticated", "log in first");
}

User Admission::log_in(const httplib::Request& request, const std::string& token) {
  const std::string address = client_address(request);
  check(failed_logins_.wait_of(address), too_many_tokens);
  auto user = accounts_.user_of(token);
  if (!user) {
    failed_logins_.take(address);
    throw Refusal(401, "unauthenticated", "this token is not, or no more, good for anything");
  }
  check(users_.take(user->id), too_many_requests);
  return *std::move(user);
}

}  // namespace audio_service
