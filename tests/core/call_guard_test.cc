#include "core/call_guard.h"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <vector>

namespace audiostore {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// Lets the monotonic clock take its next tick.
void pass_time() {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < milliseconds(1)) {
  }
}

TEST_CASE("a call without options goes on", "[call_guard]") {
  const CallOptions options;
  const CallGuard guard(options);
  CHECK(guard.check());
  CHECK(guard.advance({1, 2}));
  CHECK(guard.remaining().deadline == milliseconds(0));
}

TEST_CASE("a stop request ends the call", "[call_guard]") {
  std::stop_source source;
  const CallOptions options{.stop = source.get_token()};
  const CallGuard guard(options);
  CHECK(guard.check());
  source.request_stop();
  CHECK(guard.check().error().code() == ErrorCode::cancelled);
  CHECK(guard.advance({}).error().code() == ErrorCode::cancelled);
}

TEST_CASE("a deadline ends the call, counted from its begin", "[call_guard]") {
  const CallOptions options{.deadline = milliseconds(1)};
  const CallGuard guard(options);
  pass_time();
  CHECK(guard.check().error().code() == ErrorCode::timed_out);
  CHECK(guard.remaining().deadline == milliseconds(1));  // 0 would be no deadline
}

TEST_CASE("a piece of a call gets the rest of its time and its stop token", "[call_guard]") {
  std::stop_source source;
  const CallOptions options{.stop = source.get_token(), .deadline = hours(1)};
  const CallGuard guard(options);
  pass_time();
  const CallOptions rest = guard.remaining();
  CHECK(rest.deadline > hours(1) - std::chrono::minutes(10));
  CHECK(rest.deadline < hours(1));
  source.request_stop();
  CHECK(rest.stop.stop_requested());
}

TEST_CASE("progress is passed on, unless the call is over", "[call_guard]") {
  std::stop_source source;
  std::vector<std::uint64_t> seen;
  const CallOptions options{.stop = source.get_token(),
                            .on_progress = [&](const Progress& p) { seen.push_back(p.done); }};
  const CallGuard guard(options);
  CHECK(guard.advance({1, 9}));
  source.request_stop();
  CHECK_FALSE(guard.advance({2, 9}));
  CHECK(seen == std::vector<std::uint64_t>{1});
}

TEST_CASE("a progress callback that throws ends the call", "[call_guard]") {
  const CallOptions options{.on_progress = [](const Progress&) { throw std::runtime_error("no window\n"); }};
  const auto result = CallGuard(options).advance({});
  CHECK(result.error().code() == ErrorCode::internal);
  CHECK(result.error().message() == "the progress callback threw: no window\\x0a");
}

TEST_CASE("whatever a callback throws becomes an error", "[call_guard]") {
  const auto thrown = [](auto what) {
    return call_guarded("it", [&]() -> Result<int> { throw what; }).error().message();
  };
  CHECK(thrown(std::logic_error("why")) == "it threw: why");
  CHECK(thrown(std::bad_alloc()).starts_with("it threw: "));
  CHECK(thrown(7) == "it threw something unknown");
  CHECK(call_guarded("it", []() -> Result<int> { return 7; }).value() == 7);
}

TEST_CASE("a guarded sink is not asked to take nothing", "[call_guard]") {
  int calls = 0;
  const ByteSink sink = [&](ByteSpan) -> Result<void> {
    ++calls;
    return {};
  };
  const ByteSink safe = guarded(sink);
  CHECK(safe({}));
  CHECK(safe(as_bytes("x")));
  CHECK(calls == 1);
}

}  // namespace
}  // namespace audiostore
