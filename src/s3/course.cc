#include "s3/course.h"

#include "core/crypto.h"
#include "s3/clock_skew.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace audiostore {
namespace {

constexpr int max_places = 3;

/// What the service says of credentials that newer ones of the same owner may replace.
bool is_about_credentials(const Failure& failure, const Credentials& used, TimePoint now) {
  constexpr std::array<std::string_view, 4> codes{"ExpiredToken", "TokenRefreshRequired", "InvalidToken",
                                                  "InvalidAccessKeyId"};
  if (std::ranges::find(codes, failure.document.code) != codes.end()) return true;
  // The reply to a HEAD has no body to say why.
  const bool bare = failure.document.code.empty() && (failure.reply.status == 400 || failure.reply.status == 403);
  return bare && used.expires_at && *used.expires_at <= now;
}

bool are_same(const Credentials& a, const Credentials& b) {
  return a.access_key_id == b.access_key_id &&
         constant_time_equal(a.session_token.reveal(), b.session_token.reveal()) &&
         constant_time_equal(a.secret_access_key.reveal(), b.secret_access_key.reveal());
}

}  // namespace

Bearings SharedBearings::current() const {
  const std::scoped_lock lock(mutex_);
  return bearings_;
}

void SharedBearings::adopt(const Bearings& before, const Bearings& after) {
  const std::scoped_lock lock(mutex_);
  if (after.home != before.home && !after.home->is_temporary) bearings_.home = after.home;
  if (after.clock_offset != before.clock_offset) bearings_.clock_offset = after.clock_offset;
}

bool Course::correct(const Failure& failure, const std::shared_ptr<const Credentials>& credentials, TimePoint signed_at,
                     const CallOptions& call) {
  if (failure.reply.status == 0) return false;
  return change_place(failure) || set_clock(failure, signed_at) || renew(failure, credentials, call);
}

bool Course::change_place(const Failure& failure) {
  if (places_ == max_places) return false;
  auto home = next_home(*bearings_.home, failure);
  if (!home) return false;
  ++places_;
  bearings_.home = std::move(home);
  return true;
}

bool Course::set_clock(const Failure& failure, TimePoint signed_at) {
  if (has_set_clock_) return false;
  const auto offset = clock_offset(failure, signed_at, clock_.now());
  if (!offset) return false;
  has_set_clock_ = true;
  bearings_.clock_offset = *offset;
  return true;
}

bool Course::renew(const Failure& failure, const std::shared_ptr<const Credentials>& credentials,
                   const CallOptions& call) {
  if (has_renewed_ || !is_about_credentials(failure, *credentials, now())) return false;
  has_renewed_ = true;
  provider_.refused(credentials);
  const auto fresh = provider_.get_within(call);
  return fresh && *fresh != nullptr && !are_same(**fresh, *credentials);
}

void Course::proved() { shared_.adopt(before_, bearings_); }

}  // namespace audiostore
