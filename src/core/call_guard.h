// The duties of every blocking call towards its CallOptions: stop when asked, end in time, tell how far it is.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/call_options.h>
#include <audiostore/error.h>

#include <chrono>
#include <exception>
#include <optional>

namespace audiostore {

/// Lives as long as one call, on one thread. The deadline counts from the construction, by the monotonic clock.
class CallGuard {
 public:
  explicit CallGuard(const CallOptions& options) : options_(options), started_(std::chrono::steady_clock::now()) {}

  /// Errors: cancelled, timed_out. To be asked between pieces of work.
  [[nodiscard]] Result<void> check() const;

  /// The same options for a step of the call that is a call itself, with what is left of the deadline.
  [[nodiscard]] CallOptions remaining() const;

  /// When the deadline passes; absent: never.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> end() const;

  /// check(), then reports progress. Errors: also internal, when the callback throws.
  [[nodiscard]] Result<void> advance(const Progress& progress) const;

 private:
  const CallOptions& options_;
  std::chrono::steady_clock::time_point started_;
};

/// The error for an exception that a callback of the caller let out. `callback` names it, e.g. "the byte sink".
Error error_from_exception(std::string_view callback, const std::exception* exception);

/// Calls `callback` and turns a throw into an Error. `what` names the callback for the message.
template <class F>
auto call_guarded(std::string_view what, F&& callback) -> decltype(callback()) {
  try {
    return callback();
  } catch (const std::exception& exception) {
    return error_from_exception(what, &exception);
  } catch (...) {
    return error_from_exception(what, nullptr);
  }
}

/// A sink that does not throw and is never asked to take nothing. `sink` must outlive the result.
ByteSink guarded(const ByteSink& sink);

}  // namespace audiostore
