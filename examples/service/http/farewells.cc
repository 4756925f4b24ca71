#include "http/farewells.h"

#include <poll.h>

#include <algorithm>
#include <iterator>

namespace audio_service {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t most_leaving = 256;
constexpr std::chrono::seconds longest_farewell{2};
constexpr int slice_ms = 50;  // within which those that have arrived meanwhile are looked at

}  // namespace

void Farewells::add(std::unique_ptr<Connection> connection) {
  connection->end_answers();
  const std::scoped_lock lock(mutex_);
  if (count_ == most_leaving) {
    connection->drop_unread();
    return;
  }
  ++count_;
  arrived_.push_back({std::move(connection), steady_clock::now() + longest_farewell});
  has_arrived_.notify_one();
}

void Farewells::run(const std::stop_token& stop) {
  std::vector<Leaving> leaving;
  std::vector<pollfd> readable;
  while (!stop.stop_requested()) {
    take_arrived(leaving, stop);
    readable.clear();
    for (const Leaving& each : leaving) readable.push_back({each.connection->socket(), POLLIN, 0});
    ::poll(readable.data(), readable.size(), slice_ms);
    const auto now = steady_clock::now();
    const std::size_t closed = std::erase_if(
        leaving, [now](const Leaving& each) { return !each.connection->drop_unread() || now >= each.until; });
    const std::scoped_lock lock(mutex_);
    count_ -= closed;
  }
}

/// Waits for some only where there are none.
void Farewells::take_arrived(std::vector<Leaving>& leaving, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (leaving.empty()) has_arrived_.wait(lock, stop, [this] { return !arrived_.empty(); });
  std::ranges::move(arrived_, std::back_inserter(leaving));
  arrived_.clear();
}

}  // namespace audio_service
