#include "s3/credentials/cached_credentials.h"

#include "core/call_guard.h"
#include "s3/credentials/settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

bool is_good(const Credentials& credentials, TimePoint now) {
  return !credentials.expires_at || *credentials.expires_at > now;
}

/// What callers of a store can act on: nothing here is about the object that they asked for.
Error as_credentials_error(Error error) {
  if (error.code() == ErrorCode::internal) return error;
  const ErrorCode code = error.retryable() ? ErrorCode::unavailable : ErrorCode::unauthenticated;
  return Error(code, error.message())
      .with_http_status(error.http_status())
      .with_service_code(error.service_code())
      .with_request_id(error.request_id());
}

/// Errors: unauthenticated, when they cannot be signed with.
Result<void> check(const Credentials& credentials, TimePoint now) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::unauthenticated, fmt::format("the credentials from {} {}", credentials.source, why));
  };
  // A secret is never sent; services outside of AWS take any text as one.
  if (!is_plain(credentials.access_key_id) || !is_plain(credentials.session_token.reveal()) ||
      !is_one_line(credentials.secret_access_key.reveal())) {
    return refuse("hold a blank, a line break or another sign that no key has; look at how they are written there");
  }
  if (!is_good(credentials, now)) return refuse("have expired already; renew them there");
  return {};
}

/// When to look again after credentials were found: ahead of their end, but not at once where a source keeps giving
/// the same ones to the last.
std::optional<TimePoint> next_look(const Credentials& found, TimePoint now) {
  if (!found.expires_at) return std::nullopt;
  const TimePoint::duration left = *found.expires_at - now;
  const TimePoint ahead = *found.expires_at - std::min<TimePoint::duration>(renewal_window, left / 2);
  return std::min(std::max(ahead, now + first_back_off), *found.expires_at);
}

}  // namespace

CachedCredentials::CachedCredentials(std::unique_ptr<CredentialsSource> source, std::shared_ptr<const Clock> clock)
    : source_(std::move(source)), clock_(std::move(clock)) {}

bool CachedCredentials::usable(TimePoint now) const { return current_ != nullptr && is_good(*current_, now); }

bool CachedCredentials::may_look(TimePoint now) const {
  if (!failure_ && !usable(now)) return true;
  if (!next_attempt_) return false;
  // A clock that was set back must not stretch a pause.
  const bool pause_is_too_long = failure_ && *next_attempt_ - now > max_back_off;
  return now >= *next_attempt_ || pause_is_too_long;
}

CachedCredentials::Found CachedCredentials::get() { return get_within({}); }

CachedCredentials::Found CachedCredentials::get_within(const CallOptions& call) {
  const CallGuard guard(call);
  std::unique_lock lock(mutex_);
  for (;;) {
    const TimePoint now = clock_->now();
    const bool may = may_look(now);
    if (usable(now) && (looking_ || !may)) return current_;
    if (!looking_ && !may) return *failure_;
    if (!looking_) break;
    if (auto go_on = wait_for_look(lock, call, guard); !go_on) return std::move(go_on).error();
  }
  looking_ = true;
  CallOptions limits = guard.remaining();
  const bool can_share = limits.deadline > std::chrono::milliseconds(1) && usable(clock_->now());
  if (can_share) limits.deadline /= 2;  // the call needs time for what it is about
  lock.unlock();
  Found found = look(CallGuard(limits));
  auto in_time = guard.check();
  lock.lock();
  looking_ = false;
  looked_.notify_all();
  if (!found && !in_time) return std::move(in_time).error();
  const TimePoint now = clock_->now();
  keep(std::move(found), now);
  if (usable(now)) return current_;
  return *failure_;
}

/// Until another thread's look has ended. Errors: those of `guard`.
Result<void> CachedCredentials::wait_for_look(std::unique_lock<std::mutex>& lock, const CallOptions& call,
                                              const CallGuard& guard) {
  const auto has_ended = [this] { return !looking_; };
  if (const auto end = guard.end()) {
    looked_.wait_until(lock, call.stop, *end, has_ended);
  } else {
    looked_.wait(lock, call.stop, has_ended);
  }
  return looking_ ? guard.check() : Result<void>();
}

CachedCredentials::Found CachedCredentials::look(const CallGuard& call) {
  return call_guarded("the look for credentials", [&]() -> Found {
    auto lookup = source_->look_up_for(call);
    if (!lookup) return as_credentials_error(std::move(lookup).error());
    if (const auto* absent = std::get_if<NotConfigured>(&*lookup)) {
      return Error(ErrorCode::unauthenticated, fmt::format("no credentials from {}: {}", source_->name(), absent->why));
    }
    auto found = std::make_shared<Credentials>(std::get<Credentials>(*std::move(lookup)));
    if (auto usable = check(*found, clock_->now()); !usable) return std::move(usable).error();
    return found;
  });
}

void CachedCredentials::keep(Found found, TimePoint now) {
  if (found) {
    current_ = *std::move(found);
    failure_.reset();
    back_off_ = std::chrono::seconds(0);
    next_attempt_ = next_look(*current_, now);
    if (!usable(now)) failure_ = Error(ErrorCode::unauthenticated, "the credentials expired while they were fetched");
  } else {
    failure_ = std::move(found).error();
    back_off_ = back_off_.count() == 0 ? first_back_off : std::min(back_off_ * 2, max_back_off);
    next_attempt_ = now + back_off_;
  }
}

void CachedCredentials::refused(const std::shared_ptr<const Credentials>& credentials) {
  const std::scoped_lock lock(mutex_);
  if (current_ != credentials || credentials == nullptr) return;
  current_.reset();
}

}  // namespace audiostore
