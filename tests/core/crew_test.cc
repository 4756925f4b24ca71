#include "core/crew.h"

#include "support/results.h"

#include <atomic>
#include <mutex>
#include <set>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

Result<void> nothing() { return {}; }

Error failure(const char* why = "a task's own") { return Error(ErrorCode::corrupt, why); }

/// Returns when it is told to stop.
Result<void> last_until_stopped(const std::stop_token& stop) {
  while (!stop.stop_requested()) std::this_thread::yield();
  return Error(ErrorCode::cancelled, "stopped");
}

}  // namespace

TEST_CASE("a crew does every task once, on no more threads than it has") {
  std::mutex mutex;
  std::multiset<int> done;
  std::set<std::thread::id> threads;
  Crew crew(3, {});
  for (int i = 0; i < 100; ++i) {
    must(crew.start(
        [&, i](const std::stop_token&) -> Result<void> {
          const std::scoped_lock lock(mutex);
          done.insert(i);
          threads.insert(std::this_thread::get_id());
          return {};
        },
        nothing));
  }
  must(crew.wait(nothing));
  CHECK(done.size() == 100);
  CHECK(std::set<int>(done.begin(), done.end()).size() == 100);
  CHECK(threads.size() <= 3);
  CHECK_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST_CASE("tasks run at the same time") {
  std::atomic<int> here = 0;
  const auto meet = [&](const std::stop_token&) -> Result<void> {
    ++here;
    while (here < 3) std::this_thread::yield();
    return {};
  };
  Crew crew(3, {});
  for (int i = 0; i < 3; ++i) must(crew.start(meet, nothing));
  must(crew.wait(nothing));
}

TEST_CASE("the first failure stops the others and is what every call returns, after all have ended") {
  std::atomic<int> under_way = 0;
  Crew crew(3, {});
  for (int i = 0; i < 2; ++i) {
    must(crew.start(
        [&](const std::stop_token& stop) {
          ++under_way;
          auto stopped = last_until_stopped(stop);
          --under_way;
          return stopped;
        },
        nothing));
  }
  must(crew.start(
      [&](const std::stop_token&) -> Result<void> {
        while (under_way < 2) std::this_thread::yield();
        return failure();
      },
      nothing));
  CHECK(code_of(crew.wait(nothing)) == ErrorCode::corrupt);
  CHECK(under_way == 0);
  bool ran = false;
  CHECK(code_of(crew.start([&](const std::stop_token&) { return ran = true, nothing(); }, nothing)) ==
        ErrorCode::corrupt);
  CHECK(code_of(crew.look(nothing)) == ErrorCode::corrupt);
  CHECK_FALSE(ran);
}

TEST_CASE("a task that throws has failed") {
  Crew crew(1, {});
  must(crew.start([](const std::stop_token&) -> Result<void> { throw std::runtime_error("from a task"); }, nothing));
  CHECK(code_of(crew.wait(nothing)) == ErrorCode::internal);
}

TEST_CASE("whenever something has changed, the caller's thread is told, also at the end") {
  const auto self = std::this_thread::get_id();
  std::atomic<int> done = 0;
  int known = 0;
  int calls = 0;
  const auto meanwhile = [&]() -> Result<void> {
    CHECK(std::this_thread::get_id() == self);
    known = done;
    ++calls;
    return {};
  };
  Crew crew(2, {});
  for (int i = 0; i < 10; ++i) {
    must(crew.start([&](const std::stop_token&) { return ++done, nothing(); }, meanwhile));
  }
  must(crew.wait(meanwhile));
  CHECK(known == 10);
  CHECK(calls >= 1);
}

TEST_CASE("a task can have the caller told while it goes on, and look() waits for nothing") {
  std::atomic<bool> told = false;
  Crew crew(1, {});
  must(crew.start(
      [&](const std::stop_token&) -> Result<void> {
        crew.changed();
        while (!told) std::this_thread::yield();
        return {};
      },
      nothing));
  while (!told) must(crew.look([&]() -> Result<void> { return told = true, nothing(); }));
  must(crew.wait(nothing));
}

TEST_CASE("an error of who is told stops the crew") {
  Crew crew(2, {});
  must(crew.start(last_until_stopped, nothing));
  must(crew.start([](const std::stop_token&) { return nothing(); }, nothing));
  CHECK(code_of(crew.wait([] { return Result<void>(failure("the caller's own")); })) == ErrorCode::corrupt);
}

TEST_CASE("who waits until a time is told then, and says whether to go on") {
  Crew crew(1, {});
  must(crew.start(last_until_stopped, nothing));
  int calls = 0;
  const auto give_up = [&]() -> Result<void> { return ++calls, Error(ErrorCode::timed_out, "it is late"); };
  CHECK(code_of(crew.start(last_until_stopped, give_up, std::chrono::steady_clock::now())) == ErrorCode::timed_out);
  CHECK(calls >= 1);

  std::atomic<bool> late = false;
  Crew patient(1, {});
  must(patient.start(
      [&](const std::stop_token&) -> Result<void> {
        while (!late) std::this_thread::yield();
        return {};
      },
      nothing));
  must(patient.wait([&]() -> Result<void> { return late = true, nothing(); }, std::chrono::steady_clock::now() + 1ms));
}

TEST_CASE("the caller's stop reaches the tasks") {
  std::stop_source stop;
  Crew crew(2, stop.get_token());
  must(crew.start(last_until_stopped, nothing));
  stop.request_stop();
  CHECK(code_of(crew.wait(nothing)) == ErrorCode::cancelled);
}

TEST_CASE("a crew that goes stops what is under way and waits for it") {
  std::atomic<bool> ended = false;
  std::atomic<bool> begun = false;
  {
    Crew crew(2, {});
    must(crew.start(
        [&](const std::stop_token& stop) {
          begun = true;
          auto stopped = last_until_stopped(stop);
          ended = true;
          return stopped;
        },
        nothing));
    while (!begun) std::this_thread::yield();
  }
  CHECK(ended);
}

TEST_CASE("what a task holds is gone before anybody knows that it has ended") {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  Crew crew(1, {});
  must(crew.start([held = std::move(held)](const std::stop_token&) { return nothing(); }, nothing));
  must(crew.wait(nothing));
  CHECK(watched.expired());
}
