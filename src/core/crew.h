// A few threads that work for one call, and are gone when it returns.
#pragma once

#include <audiostore/error.h>

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

/// Runs tasks on at most `size` threads, which are started when they are needed. The first failure stops the others and
/// is what start() and wait() return. All functions but changed() are for the thread that made the crew.
class Crew {
 public:
  using Task = std::function<Result<void>(const std::stop_token&)>;
  /// Called on the caller's thread whenever a task has ended or called changed(); an error stops the crew.
  using Meanwhile = std::function<Result<void>()>;

  /// `stop` stops the tasks too. REQUIRES: size > 0.
  Crew(std::size_t size, const std::stop_token& stop);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();  // stops, and waits for the tasks under way

  /// Waits until a thread is free, then gives it `task`.
  Result<void> start(Task task, const Meanwhile& meanwhile);

  /// Waits until all tasks have ended.
  Result<void> wait(const Meanwhile& meanwhile);

  /// From within a task: has the waiting thread call its `meanwhile`.
  void changed();

 private:
  Result<void> wait_until(std::size_t busy, const Meanwhile& meanwhile);
  void work();

  const std::size_t size_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> callers_stop_;
  std::mutex mutex_;
  std::condition_variable for_crew_;
  std::condition_variable for_caller_;
  std::deque<Task> waiting_;  // at most as many as there are idle threads
  std::size_t busy_ = 0;      // tasks waiting or under way
  bool changed_ = false;
  bool closed_ = false;
  std::optional<Error> failure_;
  std::vector<std::thread> threads_;
};

}  // namespace audiostore
