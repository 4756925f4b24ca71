// Numbers and times as people write them.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/error.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cli {

/// "812 B", "3.2 MiB".
std::string human_size(std::uint64_t bytes);

/// "0:07", "12:34", "1:02:03".
std::string human_duration(double seconds);

/// "2026-03-01 12:00", in UTC, for a table.
std::string human_time(audiostore::TimePoint time);

/// "2026-03-01T12:00:00Z" (RFC 3339), for a script.
std::string utc_time(audiostore::TimePoint time);

/// "1 object", "2 objects".
std::string counted(std::uint64_t count, std::string_view noun);

/// The inverse of "90", "90s", "15m", "1h" and "7d". Errors: invalid_argument.
audiostore::Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace cli
