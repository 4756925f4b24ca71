// The same work for many things, a few at a time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace cli {

/// Calls `work(i)` for every i below `count` on at most `threads` threads, and returns when all have returned. `work`
/// must not throw.
template <class Work>
void for_each_at_once(std::size_t count, std::size_t threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> crew;
  for (std::size_t i = 1; i < std::min(count, threads); ++i) crew.emplace_back(take);
  take();
}

}  // namespace cli
