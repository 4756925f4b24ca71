// What every blocking call can be given: a way to stop it, a time limit, and somebody to tell how far it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace audiostore {

/// How far a transfer is, in bytes. Both numbers count the object's bytes, not the protocol's.
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0 where the length is not known yet
};

/// Called from time to time on the thread that made the call, `done` never decreasing. A throw ends the call with
/// ErrorCode::internal.
using ProgressCallback = std::function<void(const Progress&)>;

struct CallOptions {
  /// Ends the call with ErrorCode::cancelled soon after stop is requested, at the latest within a second.
  std::stop_token stop = {};
  /// The longest that the whole call may take; 0 for no limit but those of the transport. Ends with timed_out.
  std::chrono::milliseconds deadline{0};
  ProgressCallback on_progress = {};
};

}  // namespace audiostore
