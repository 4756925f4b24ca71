// A few threads that work for one call, and are gone when it returns.
#pragma once

#include <audiostore/error.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace audiostore {

/// Runs tasks on at most `size` threads, which are started when they are needed; where no more of them can be had, on
/// those that there are. The first failure stops the others and is what every call from then on returns, once what was
/// under way has ended. All functions but changed() are for the thread that made the crew.
class Crew {
 public:
  using Task = std::function<Result<void>(const std::stop_token&)>;
  /// Called on the caller's thread whenever a task has ended or called changed(); an error stops the crew.
  using Meanwhile = std::function<Result<void>()>;
  using Time = std::optional<std::chrono::steady_clock::time_point>;

  /// `stop` stops the tasks too. REQUIRES: size > 0.
  Crew(std::size_t size, const std::stop_token& stop);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();  // stops, and waits for the tasks under way

  /// Waits until a thread is free, then gives it `task`. At the time `at`, if it still waits, `meanwhile` is called
  /// once more, to say whether to go on. Errors: also unavailable, where no thread can be had.
  Result<void> start(Task task, const Meanwhile& meanwhile, Time at = {});

  /// Waits until all tasks have ended; `at` as in start().
  Result<void> wait(const Meanwhile& meanwhile, Time at = {});

  /// Calls `meanwhile` if something has changed. Waits for nothing, but for the end of all tasks after a failure.
  Result<void> look(const Meanwhile& meanwhile);

  /// From within a task: has the caller's thread call its `meanwhile`.
  void changed();

 private:
  Result<void> wait_until(std::size_t busy, const Meanwhile& meanwhile, Time at);
  void wait_for_change(std::unique_lock<std::mutex>& lock, Time& at);
  Result<void> find_thread();
  void work();
  void end(Result<void> done);

  const std::size_t size_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> callers_stop_;
  std::mutex mutex_;
  std::condition_variable for_crew_;
  std::condition_variable for_caller_;
  std::deque<Task> waiting_;
  std::size_t busy_ = 0;  // tasks waiting or under way
  bool changed_ = false;
  bool closed_ = false;
  std::optional<Error> failure_;
  std::vector<std::thread> threads_;
};

}  // namespace audiostore
