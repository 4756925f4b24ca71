// Small things in text: random names, digests, times.
#pragma once

#include <audiostore/clock.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace audio_service {

/// `bytes` random bytes from the system's generator, in hex. Throws std::runtime_error where there are none.
std::string random_hex(std::size_t bytes);

bool is_utf8(std::string_view text);

/// The SHA-256 of `bytes`, in lower-case hex.
std::string sha256_hex(std::string_view bytes);

/// Takes as long for equal texts as for others of the same length.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// A SHA-256 that is fed piece by piece.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// In lower-case hex; to be called once.
  std::string finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

/// As RFC 3339 has it, in UTC, whole seconds: "2026-01-31T08:09:10Z".
std::string rfc3339(audiostore::TimePoint time);

/// Seconds since 1970, as the database keeps times.
std::int64_t to_seconds(audiostore::TimePoint time);
audiostore::TimePoint from_seconds(std::int64_t seconds);

}  // namespace audio_service
