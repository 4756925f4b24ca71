// What a client learns from being refused: where its bucket is, what time it is there, that its credentials have ended.
#pragma once

#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/credentials.h>

#include "s3/bucket_home.h"
#include "s3/failure.h"

#include <chrono>
#include <memory>
#include <mutex>

namespace audiostore {

/// What every signature goes by besides the credentials.
struct Bearings {
  std::shared_ptr<const BucketHome> home;
  std::chrono::seconds clock_offset{0};  ///< how far the service's clock is ahead of ours
};

/// The bearings that the calls of a client share. Thread-safe.
class SharedBearings {
 public:
  explicit SharedBearings(Bearings bearings) : bearings_(std::move(bearings)) {}
  [[nodiscard]] Bearings current() const;
  /// Takes over what differs between `before` and `after`, so that two calls can learn different things at once.
  void adopt(const Bearings& before, const Bearings& after);

 private:
  mutable std::mutex mutex_;
  Bearings bearings_;
};

/// The course of one call: starts by the client's bearings, is put right by what refusals say, and shares what proved
/// right. A wrong hint costs its own call a request or two and nobody else anything. Bounds: 3 changes of place, one of
/// the time, one of the credentials. Everything must outlive it.
class Course {
 public:
  Course(SharedBearings& shared, CredentialsProvider& provider, const Clock& clock)
      : shared_(shared), provider_(provider), clock_(clock), before_(shared.current()), bearings_(before_) {}

  [[nodiscard]] const Bearings& bearings() const noexcept { return bearings_; }
  /// The service's time.
  [[nodiscard]] TimePoint now() const { return clock_.now() + bearings_.clock_offset; }

  /// `failure` answered a request that was signed with `credentials` at `signed_at`. True when it said how to sign
  /// another that can succeed. New credentials are waited for within `call`.
  [[nodiscard]] bool correct(const Failure& failure, const std::shared_ptr<const Credentials>& credentials,
                             TimePoint signed_at, const CallOptions& call);

  /// The service accepted a signature by these bearings.
  void proved();

 private:
  bool change_place(const Failure& failure);
  bool set_clock(const Failure& failure, TimePoint signed_at);
  bool renew(const Failure& failure, const std::shared_ptr<const Credentials>& credentials, const CallOptions& call);

  SharedBearings& shared_;
  CredentialsProvider& provider_;
  const Clock& clock_;
  const Bearings before_;
  Bearings bearings_;
  int places_ = 0;
  bool has_set_clock_ = false;
  bool has_renewed_ = false;
};

}  // namespace audiostore
