#include "support/fault_proxy.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <random>
#include <stdexcept>

namespace audiostore {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) { throw std::runtime_error(fmt::format("FaultProxy: {} failed", what)); }

sockaddr_in on_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// -1 when nobody listens.
int connect_to(std::uint16_t port) {
  const sockaddr_in address = on_loopback(port);
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return made;
  close(made);
  return -1;
}

void send_at_once(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void reset(int& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
  socket = -1;
}

int wait_for(std::vector<pollfd>& polled, std::optional<microseconds> patience) {
  const auto count = patience.value_or(microseconds(0)).count();
  const timespec limit{.tv_sec = count / 1'000'000, .tv_nsec = count % 1'000'000 * 1000};
  return ppoll(polled.data(), polled.size(), patience ? &limit : nullptr, nullptr);
}

void close_if_open(int& socket) {
  if (socket >= 0) close(socket);
  socket = -1;
}

}  // namespace

/// One direction of a connection.
struct FaultProxy::Lane {
  Way way;
  std::string waiting = {};           // to be passed on
  std::string held = {};              // behind a stall
  bool stalled = false;               // then nothing is taken in
  bool ended = false;                 // nothing more comes
  std::optional<Harm> ending = {};    // how it ends when everything is out
  steady_clock::time_point due = {};  // when the next segment may leave

  [[nodiscard]] bool takes() const { return waiting.empty() && !stalled && !ended && !ending; }
  [[nodiscard]] bool is_due(steady_clock::time_point now) const { return !waiting.empty() && due <= now; }
  [[nodiscard]] bool is_out() const { return waiting.empty() && held.empty(); }
};

struct FaultProxy::Link {
  int client;
  int server;  // -1 when it is gone
  Lane up{Way::up};
  Lane down{Way::down};
  short client_events = 0;
  short server_events = 0;

  [[nodiscard]] bool over() const { return client < 0; }
  /// The server first: whoever reads there knows of it before the client can say anything else.
  void close_both() {
    close_if_open(server);
    close_if_open(client);
  }
  void reset_both() {
    if (server >= 0) reset(server);
    reset(client);
  }
  /// FIN to the client; what it still sends goes nowhere.
  void finish() {
    close_if_open(server);
    shutdown(client, SHUT_WR);
    down.ended = true;
  }
  [[nodiscard]] short wanted_of_client(steady_clock::time_point now) const {
    return static_cast<short>(POLLRDHUP | (up.takes() ? POLLIN : 0) | (down.is_due(now) ? POLLOUT : 0));
  }
  [[nodiscard]] short wanted_of_server(steady_clock::time_point now) const {
    return static_cast<short>((down.takes() ? POLLIN : 0) | (up.is_due(now) ? POLLOUT : 0));
  }
};

struct FaultProxy::Pace {
  std::size_t bytes = std::string::npos;
  microseconds least{0};
  microseconds most{0};
  std::mt19937 engine{0};

  steady_clock::time_point next() {
    return steady_clock::now() + microseconds(std::uniform_int_distribution<long>(least.count(), most.count())(engine));
  }
};

FaultProxy::FaultProxy(std::uint16_t server_port)
    : server_port_(server_port),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      pace_(std::make_unique<Pace>()) {
  sockaddr_in address = on_loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0) fail("listening");
  if (getsockname(listener_, generic, &size) != 0) fail("getsockname");
  if (pipe2(wake_, O_CLOEXEC | O_NONBLOCK) != 0) fail("pipe");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake();
  thread_.join();
  for (Link& link : links_) link.close_both();
  for (const int open : {listener_, wake_[0], wake_[1]}) close(open);
  if (std::uncaught_exceptions() > 0) return;  // the test has failed already, and said why
  const std::string left = left_over();
  CHECK(left == "");
}

std::string FaultProxy::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

void FaultProxy::wake() const { static_cast<void>(write(wake_[1], "w", 1)); }

void FaultProxy::plan(const Fault& fault) {
  const std::scoped_lock lock(mutex_);
  planned_[fault.way][fault.at] = fault;
}

void FaultProxy::slow_down(std::size_t bytes, microseconds least, microseconds most) {
  const std::scoped_lock lock(mutex_);
  *pace_ = {.bytes = bytes, .least = least, .most = most};
}

void FaultProxy::refuse(bool refusing) {
  const std::scoped_lock lock(mutex_);
  refusing_ = refusing;
}

void FaultProxy::swallow(bool swallowing) {
  const std::scoped_lock lock(mutex_);
  swallowing_ = swallowing;
}

void FaultProxy::release() {
  {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    for (Link& link : links_) {
      for (Lane* lane : {&link.up, &link.down}) {
        lane->waiting += std::exchange(lane->held, {});
        lane->stalled = false;
      }
    }
  }
  wake();
}

std::uint64_t FaultProxy::seen(Way way) const {
  const std::scoped_lock lock(mutex_);
  const auto found = seen_.find(way);
  return found == seen_.end() ? 0 : found->second;
}

std::string FaultProxy::left_over() const {
  const std::scoped_lock lock(mutex_);
  std::string left;
  for (const auto& [way, faults] : planned_) {
    for (const auto& [at, fault] : faults) left += fmt::format("{} {} ", way == Way::up ? "up" : "down", at);
  }
  return left;
}

void FaultProxy::run() {
  std::vector<pollfd> polled;
  for (;;) {
    std::optional<microseconds> patience;
    {
      const std::scoped_lock lock(mutex_);
      if (ending_) return;
      const auto now = steady_clock::now();  // once, so that a segment is either waited for or may leave
      polled = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Link& link : links_) {
        polled.push_back({link.client, link.wanted_of_client(now), 0});
        polled.push_back({link.server, link.wanted_of_server(now), 0});
      }
      patience = time_to_wait(now);
    }
    if (wait_for(polled, patience) < 0) continue;
    const std::scoped_lock lock(mutex_);
    std::array<char, 64> wakes;
    while (read(wake_[0], wakes.data(), wakes.size()) > 0) continue;
    std::size_t next = 2;
    for (Link& link : links_) {
      link.client_events = polled[next++].revents;
      link.server_events = polled[next++].revents;
    }
    carry_all();
    if (polled[1].revents != 0) accept_one();
  }
}

/// Until the first segment that waits may leave; nullopt when none does.
std::optional<microseconds> FaultProxy::time_to_wait(steady_clock::time_point now) const {
  std::optional<microseconds> least;
  for (const Link& link : links_) {
    for (const Lane* lane : {&link.up, &link.down}) {
      if (lane->waiting.empty() || lane->is_due(now)) continue;
      const auto left = std::chrono::ceil<microseconds>(lane->due - now);
      least = std::min(least.value_or(left), left);
    }
  }
  return least;
}

void FaultProxy::accept_one() {
  int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = refusing_ ? -1 : connect_to(server_port_);
  if (server < 0) return reset(client);
  send_at_once(client);
  send_at_once(server);
  links_.push_back({client, server});
}

void FaultProxy::carry_all() {
  constexpr short gone = POLLRDHUP | POLLHUP | POLLERR;
  for (Link& link : links_) {
    if ((link.client_events & gone) != 0) link.close_both();
  }
  std::erase_if(links_, [](const Link& link) { return link.over(); });
  for (Link& link : links_) carry(link);
  std::erase_if(links_, [](const Link& link) { return link.over(); });
}

void FaultProxy::carry(Link& link) {
  const bool server_lost = (link.server_events & (POLLHUP | POLLERR)) != 0;
  if ((link.client_events & POLLIN) != 0) take_in(link, link.up);
  if ((link.server_events & POLLIN) != 0) {
    take_in(link, link.down);
  } else if (server_lost) {
    close_if_open(link.server);
  }
  const auto now = steady_clock::now();
  if (link.up.is_due(now)) pass_on(link, link.up);
  if (!link.over() && link.down.is_due(now)) pass_on(link, link.down);
  if (!link.over()) conclude(link);
}

void FaultProxy::take_in(Link& link, Lane& lane) {
  std::array<char, 65536> buffer;
  const ssize_t count =
      recv(lane.way == Way::up ? link.client : link.server, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    lane.ended = true;
    if (count < 0) lane.ending = Harm::reset;
    return;
  }
  std::string bytes(buffer.data(), static_cast<std::size_t>(count));
  do_harm(lane, bytes);
  if (swallowing_) return;
  lane.waiting += bytes;
  lane.due = pace_->next();
}

/// Does to `bytes`, which have just come, what is planned for them.
void FaultProxy::do_harm(Lane& lane, std::string& bytes) {
  std::uint64_t& seen = seen_[lane.way];
  auto& planned = planned_[lane.way];
  std::size_t stall = bytes.size();
  for (auto next = planned.lower_bound(seen); next != planned.end() && next->first - seen < bytes.size();) {
    const Fault fault = next->second;
    const std::size_t at = fault.at - seen;
    next = planned.erase(next);
    if (fault.harm == Harm::flip)
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << fault.bit));
    if (fault.harm == Harm::stall && !released_) stall = std::min(stall, at);
    if (fault.harm == Harm::end || fault.harm == Harm::reset) {
      bytes.resize(at);
      lane.ending = fault.harm;
      ++seen;
      break;
    }
  }
  seen += bytes.size();
  if (stall >= bytes.size()) return;
  lane.held = bytes.substr(stall);
  bytes.resize(stall);
  lane.stalled = true;
}

void FaultProxy::pass_on(Link& link, Lane& lane) {
  const int to = lane.way == Way::up ? link.server : link.client;
  const std::size_t size = std::min(lane.waiting.size(), pace_->bytes);
  const ssize_t count =
      to < 0 ? static_cast<ssize_t>(size) : send(to, lane.waiting.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0 && lane.way == Way::down) return link.close_both();
  // A server that takes no more may still have said something: what the client sends goes nowhere.
  lane.waiting.erase(0, count < 0 ? lane.waiting.size() : static_cast<std::size_t>(count));
  lane.due = pace_->next();
}

/// Ends a connection whose time has come.
void FaultProxy::conclude(Link& link) {
  for (const Lane* lane : {&link.up, &link.down}) {
    if (!lane->is_out()) continue;
    if (lane->ending == Harm::reset) return link.reset_both();
    if (lane->ending == Harm::end) return link.finish();
  }
  const bool server_gone = link.server < 0 || link.down.ended;
  if (server_gone && link.down.is_out() && !swallowing_ && !link.down.stalled) link.finish();
}

}  // namespace audiostore
