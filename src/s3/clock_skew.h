// What time it is where requests are judged.
#pragma once

#include <audiostore/clock.h>

#include "s3/failure.h"

#include <chrono>
#include <optional>

namespace audiostore {

/// How far the service's clock is ahead of ours (`now`, at the moment of the reply), when `failure` says that the time
/// `signed_at` was why it refused, and its Date agrees that it was wrong. nullopt also for more than 25 hours: a wrong
/// day or time zone is put right, a clock that stands in another year is not.
std::optional<std::chrono::seconds> clock_offset(const Failure& failure, TimePoint signed_at, TimePoint now);

}  // namespace audiostore
