#include "core/call_guard.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {

Result<void> CallGuard::check() const {
  if (options_.stop.stop_requested()) return Error(ErrorCode::cancelled, "the caller asked to stop");
  const bool limited = options_.deadline > std::chrono::milliseconds::zero();
  if (limited && std::chrono::steady_clock::now() - started_ >= options_.deadline) {
    return Error(ErrorCode::timed_out,
                 fmt::format("the call's deadline of {} ms has passed", options_.deadline.count()));
  }
  return {};
}

CallOptions CallGuard::remaining() const {
  using std::chrono::milliseconds;
  CallOptions rest = options_;
  if (rest.deadline > milliseconds::zero()) {
    const auto spent = std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - started_);
    rest.deadline = std::max(rest.deadline - spent, milliseconds(1));  // 0 would mean no limit
  }
  return rest;
}

std::optional<std::chrono::steady_clock::time_point> CallGuard::end() const {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);  // more could overflow
  if (options_.deadline <= std::chrono::milliseconds::zero()) return std::nullopt;
  return started_ + std::min(options_.deadline, longest);
}

Result<void> CallGuard::advance(const Progress& progress) const {
  if (auto go_on = check(); !go_on || !options_.on_progress) return go_on;
  return call_guarded("the progress callback", [&]() -> Result<void> {
    options_.on_progress(progress);
    return {};
  });
}

Error error_from_exception(std::string_view callback, const std::exception* exception) {
  if (exception == nullptr) return Error(ErrorCode::internal, fmt::format("{} threw something unknown", callback));
  return Error(ErrorCode::internal, fmt::format("{} threw: {}", callback, exception->what()));
}

ByteSink guarded(const ByteSink& sink) {
  return [&sink](ByteSpan bytes) -> Result<void> {
    if (bytes.empty()) return {};
    return call_guarded("the byte sink", [&] { return sink(bytes); });
  };
}

}  // namespace audiostore
