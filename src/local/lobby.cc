#include "local/lobby.h"

#include "local/s3_error.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::size_t piece_bytes = std::size_t{16} * 1024;
constexpr std::size_t bells = 2;

std::chrono::milliseconds time_for(Phase phase, const HttpLimits& limits) {
  switch (phase) {
    case Phase::idle: return limits.idle_time;
    case Phase::head: return limits.head_time;
    case Phase::answer: return limits.stall_time;  // for room to write to
    case Phase::farewell: return limits.farewell_time;
    case Phase::over: break;
  }
  return {};
}

/// Until `deadline`, in poll()'s terms.
int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

}  // namespace

void Lobby::open(Usher usher) {
  usher_ = std::move(usher);
  thread_ = std::thread([this] { run(); });
}

void Lobby::join() {
  if (thread_.joinable()) thread_.join();
}

void Lobby::enter(std::shared_ptr<Visitor> visitor, bool is_new) {
  const Phase phase = visitor->http.phase();
  const Time deadline = std::chrono::steady_clock::now() + time_for(phase, limits_);
  {
    const std::lock_guard lock(mutex_);
    entering_.push_back({std::move(visitor), is_new, phase, deadline});
  }
  arrivals_.ring();
}

void Lobby::run() {
  while (wait()) {
    for (std::size_t i = 0; i < guests_.size(); ++i) attend(guests_[i], watched_[bells + i].revents != 0);
    std::erase_if(guests_, [](const Guest& guest) { return !guest.visitor || guest.phase == Phase::over; });
    take_in();
  }
}

/// Waits until a guest has to be attended to, or one has come; false when the server stops.
bool Lobby::wait() {
  watched_ = {pollfd{.fd = arrivals_.descriptor(), .events = POLLIN, .revents = 0},
              pollfd{.fd = closing_.descriptor(), .events = POLLIN, .revents = 0}};
  for (const Guest& guest : guests_) {
    const short events = guest.phase == Phase::answer ? POLLOUT : POLLIN;
    watched_.push_back({.fd = guest.visitor->stream.socket(), .events = events, .revents = 0});
  }
  const auto first = std::ranges::min_element(guests_, {}, &Guest::deadline);
  ::poll(watched_.data(), watched_.size(), first == guests_.end() ? -1 : milliseconds_until(first->deadline));
  return watched_[1].revents == 0;
}

void Lobby::take_in() {
  arrivals_.silence();
  std::vector<Guest> entering;
  {
    const std::lock_guard lock(mutex_);
    entering.swap(entering_);
  }
  for (Guest& guest : entering) {
    if (!guest.is_new || guests_.size() < limits_.open_connections) guests_.push_back(std::move(guest));
  }
}

void Lobby::attend(Guest& guest, bool ready) {
  if (ready && guest.phase == Phase::answer) return usher_out(guest);
  if (ready) {
    hear(*guest.visitor);
  } else if (std::chrono::steady_clock::now() >= guest.deadline) {
    guest.visitor->http.expire();
  }
  settle(guest);
}

/// Takes in what a visitor has sent.
void Lobby::hear(Visitor& visitor) {
  std::array<std::byte, piece_bytes> piece;
  const auto got = visitor.stream.read(piece);  // does not wait: there is something to read
  if (got && *got > 0) {
    visitor.http.receive({piece.data(), *got});
  } else {
    visitor.http.hang_up();
  }
}

void Lobby::usher_out(Guest& guest) {
  if (usher_(guest.visitor)) {
    guest.visitor.reset();
    return;
  }
  // A refusal is short, and there is room for it: this does not wait.
  guest.visitor->http.turn_away(s3_error(S3Code::slow_down, "Too many requests at once. Repeat it a little later."));
  settle(guest);
}

/// Gives a guest that has come to another phase the time for that.
void Lobby::settle(Guest& guest) const {
  const Phase phase = guest.visitor->http.phase();
  if (phase == guest.phase) return;
  guest.phase = phase;
  guest.deadline = std::chrono::steady_clock::now() + time_for(phase, limits_);
}

}  // namespace audiostore::local
