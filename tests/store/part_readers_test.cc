#include "store/part_readers.h"

#include "support/results.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <latch>
#include <set>

namespace audiostore {
namespace {

using namespace std::chrono_literals;

constexpr auto long_enough = 20s;  // only a failing test waits for it

/// Waits until all is whole, or something failed.
PartReaders::State wait_to(PartReaders& readers, std::uint64_t end) {
  auto state = readers.wait(0, 0ms);
  while (!state.failure && state.whole_to < end) state = readers.wait(state.whole_to, long_enough);
  return state;
}

}  // namespace

TEST_CASE("every byte of the slice is in exactly one part", "[part_readers]") {
  for (const int threads : {1, 4, 64}) {
    for (const std::uint64_t length : {1, 9, 10, 11, 100, 101}) {
      CAPTURE(threads, length);
      std::mutex mutex;
      std::set<std::uint64_t> seen;
      PartReaders readers({.slice = {7, length}, .part_bytes = 10, .threads = threads},
                          [&](ByteRange::Slice part, const std::stop_token&) -> Result<void> {
                            const std::scoped_lock lock(mutex);
                            for (std::uint64_t i = 0; i < part.length; ++i) {
                              if (!seen.insert(part.offset + i).second) return Error(ErrorCode::internal, "twice");
                            }
                            return {};
                          },
                          {});
      const auto state = wait_to(readers, 7 + length);
      CHECK_FALSE(state.failure);
      CHECK(state.whole_to == 7 + length);
      CHECK(seen.size() == length);
      CHECK(*seen.begin() == 7);
    }
  }
}

TEST_CASE("as many parts are read at once as there are threads, and what lies behind a gap waits", "[part_readers]") {
  std::latch all_begun(3);
  std::latch first_may_end(1);
  std::atomic<int> others_ended = 0;
  PartReaders readers({.slice = {0, 30}, .part_bytes = 10, .threads = 3},
                      [&](ByteRange::Slice part, const std::stop_token&) -> Result<void> {
                        all_begun.arrive_and_wait();
                        if (part.offset == 0) first_may_end.wait();
                        if (part.offset != 0) ++others_ended;
                        return {};
                      },
                      {});
  while (others_ended < 2) std::this_thread::yield();
  CHECK(readers.wait(0, 0ms).whole_to == 0);
  first_may_end.count_down();
  CHECK(wait_to(readers, 30).whole_to == 30);
}

TEST_CASE("the first failure ends all readers", "[part_readers]") {
  std::latch both_begun(2);
  PartReaders readers({.slice = {0, 1'000}, .part_bytes = 10, .threads = 2},
                      [&](ByteRange::Slice part, const std::stop_token& stop) -> Result<void> {
                        both_begun.arrive_and_wait();
                        if (part.offset == 10) return Error(ErrorCode::no_space, "full");
                        while (!stop.stop_requested()) std::this_thread::yield();
                        return Error(ErrorCode::cancelled, "stopped");
                      },
                      {});
  const auto state = wait_to(readers, 1'000);
  REQUIRE(state.failure);
  CHECK(state.failure->code() == ErrorCode::no_space);
  CHECK(readers.stopped().stop_requested());
}

TEST_CASE("what a reader throws is a failure", "[part_readers]") {
  PartReaders readers({.slice = {0, 1}, .part_bytes = 1, .threads = 1},
                      [](ByteRange::Slice, const std::stop_token&) -> Result<void> { throw 42; }, {});
  const auto state = wait_to(readers, 1);
  REQUIRE(state.failure);
  CHECK(state.failure->code() == ErrorCode::internal);
}

TEST_CASE("the caller's stop and the destructor end the readers", "[part_readers]") {
  std::atomic<int> running = 0;
  const auto until_stopped = [&](ByteRange::Slice, const std::stop_token& stop) -> Result<void> {
    ++running;
    while (!stop.stop_requested()) std::this_thread::yield();
    --running;
    return {};
  };
  std::stop_source stop;
  const PartReaders::Plan plan{.slice = {0, 1'000}, .part_bytes = 10, .threads = 2};
  {
    PartReaders readers(plan, until_stopped, stop.get_token());
    while (running < 2) std::this_thread::yield();
    stop.request_stop();
    CHECK_FALSE(readers.wait(1'000, long_enough).failure);  // returns at once
  }
  CHECK(running == 0);
  {
    const PartReaders readers(plan, until_stopped, {});
    while (running < 2) std::this_thread::yield();
  }
  CHECK(running == 0);
}

}  // namespace audiostore
