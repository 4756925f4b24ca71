#include "core/crew.h"

#include "core/call_guard.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace audiostore {

Crew::Crew(std::size_t size, const std::stop_token& stop)
    : size_(size), callers_stop_(stop, [this] { stop_.request_stop(); }) {
  threads_.reserve(size);
}

Crew::~Crew() {
  stop_.request_stop();
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  for_crew_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<void> Crew::start(Task task, const Meanwhile& meanwhile, Time at) {
  if (auto free = wait_until(size_ - 1, meanwhile, at); !free) return free;
  const std::scoped_lock lock(mutex_);
  if (auto found = find_thread(); !found) return found;
  waiting_.push_back(std::move(task));
  ++busy_;
  for_crew_.notify_one();
  return {};
}

Result<void> Crew::wait(const Meanwhile& meanwhile, Time at) { return wait_until(0, meanwhile, at); }

Result<void> Crew::look(const Meanwhile& meanwhile) { return wait_until(size_, meanwhile, {}); }

Result<void> Crew::find_thread() {
  if (busy_ < threads_.size()) return {};
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    if (threads_.empty()) {
      return Error(ErrorCode::unavailable, fmt::format("no thread could be started: {}", error.what()));
    }
  }
  return {};
}

Result<void> Crew::wait_until(std::size_t busy, const Meanwhile& meanwhile, Time at) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (std::exchange(changed_, false)) {
      lock.unlock();
      auto go_on = meanwhile();
      lock.lock();
      if (!go_on && !failure_) failure_ = std::move(go_on).error();
    }
    if (failure_) {
      lock.unlock();
      stop_.request_stop();
      lock.lock();
    }
    // After a failure nothing more is begun, and what is under way ends first: nobody works for a call that is over.
    if (busy_ <= (failure_ ? 0 : busy) && !changed_) return failure_ ? Result<void>(*failure_) : Result<void>();
    wait_for_change(lock, at);
  }
}

void Crew::wait_for_change(std::unique_lock<std::mutex>& lock, Time& at) {
  const auto has_changed = [this] { return changed_; };
  if (!at) {
    for_caller_.wait(lock, has_changed);
  } else if (!for_caller_.wait_until(lock, *at, has_changed)) {
    changed_ = true;
    at.reset();
  }
}

void Crew::changed() {
  const std::scoped_lock lock(mutex_);
  changed_ = true;
  for_caller_.notify_one();
}

void Crew::end(Result<void> done) {
  const std::scoped_lock lock(mutex_);
  if (!done && !failure_) failure_ = std::move(done).error();
  --busy_;
  changed_ = true;
  for_caller_.notify_one();
}

void Crew::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    for_crew_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto done = call_guarded("a part's task", [&] { return task(stop_.get_token()); });
    task = nullptr;  // what it holds goes before anybody is told that it has ended
    const bool failed = !done;
    end(std::move(done));
    if (failed) stop_.request_stop();
    lock.lock();
  }
}

}  // namespace audiostore
