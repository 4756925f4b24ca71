// Keeps what is costly to open between two uses of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace audiostore {

/// Idle things, each with a key that says what it can be used for. The one used last is taken first, so that in quiet
/// times the others grow old and go. Thread-safe; things are destroyed outside of the lock.
template <class T>
class IdlePool {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Keeps at most `capacity` things, none for longer than `max_age`.
  IdlePool(std::size_t capacity, std::chrono::steady_clock::duration max_age)
      : capacity_(capacity), max_age_(max_age) {}

  /// The thing with this key that was given back last; null where there is none. Drops all that are too old.
  std::unique_ptr<T> take(std::string_view key, TimePoint now) {
    std::vector<Entry> dropped;  // declared before the lock, destroyed after it
    const std::lock_guard lock(mutex_);
    drop_old(now, dropped);
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const Entry& entry) { return entry.key == key; });
    if (found == idle_.rend()) return nullptr;
    std::unique_ptr<T> thing = std::move(found->thing);
    idle_.erase(std::next(found).base());
    return thing;
  }

  /// Makes room for `thing` by dropping the one that is idle for longest.
  void give_back(std::string key, std::unique_ptr<T> thing, TimePoint now) {
    std::vector<Entry> dropped;
    const std::lock_guard lock(mutex_);
    drop_old(now, dropped);
    idle_.push_back({std::move(key), std::move(thing), now});
    if (idle_.size() > capacity_) drop_first(1, dropped);
  }

 private:
  struct Entry {
    std::string key;
    std::unique_ptr<T> thing;
    TimePoint since;
  };

  void drop_old(TimePoint now, std::vector<Entry>& dropped) {
    const auto young = [&](const Entry& entry) { return now - entry.since < max_age_; };
    drop_first(static_cast<std::size_t>(std::ranges::find_if(idle_, young) - idle_.begin()), dropped);
  }

  void drop_first(std::size_t count, std::vector<Entry>& dropped) {
    const auto end = idle_.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(idle_.begin(), end, std::back_inserter(dropped));
    idle_.erase(idle_.begin(), end);
  }

  const std::size_t capacity_;
  const std::chrono::steady_clock::duration max_age_;
  std::mutex mutex_;
  std::vector<Entry> idle_;  // the one given back last is at the end
};

}  // namespace audiostore
