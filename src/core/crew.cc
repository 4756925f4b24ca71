#include "core/crew.h"

#include "core/call_guard.h"

#include <algorithm>
#include <utility>

namespace audiostore {

Crew::Crew(std::size_t size, const std::stop_token& stop)
    : size_(size), callers_stop_(stop, [this] { stop_.request_stop(); }) {}

Crew::~Crew() {
  stop_.request_stop();
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  for_crew_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<void> Crew::start(Task task, const Meanwhile& meanwhile) {
  if (auto free = wait_until(size_ - 1, meanwhile); !free) return free;
  const std::scoped_lock lock(mutex_);
  if (busy_ == threads_.size()) threads_.emplace_back([this] { work(); });
  waiting_.push_back(std::move(task));
  ++busy_;
  for_crew_.notify_one();
  return {};
}

Result<void> Crew::wait(const Meanwhile& meanwhile) { return wait_until(0, meanwhile); }

Result<void> Crew::wait_until(std::size_t busy, const Meanwhile& meanwhile) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (std::exchange(changed_, false)) {
      lock.unlock();
      auto go_on = meanwhile();
      lock.lock();
      if (!go_on && !failure_) failure_ = std::move(go_on).error();
    }
    if (failure_) stop_.request_stop();
    // After a failure nothing more is begun, and what is under way ends first: nobody works for a call that is over.
    if (busy_ <= (failure_ ? 0 : busy) && !changed_) return failure_ ? Result<void>(*failure_) : Result<void>();
    for_caller_.wait(lock, [&] { return changed_; });
  }
}

void Crew::changed() {
  const std::scoped_lock lock(mutex_);
  changed_ = true;
  for_caller_.notify_one();
}

void Crew::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    for_crew_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto done = call_guarded("a part's task", [&] { return task(stop_.get_token()); });
    lock.lock();
    if (!done && !failure_) {
      failure_ = std::move(done).error();
      stop_.request_stop();
    }
    --busy_;
    changed_ = true;
    for_caller_.notify_one();
  }
}

}  // namespace audiostore
