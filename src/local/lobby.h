// Where connections wait that need no thread.
#pragma once

#include "local/http_connection.h"
#include "local/http_limits.h"
#include "local/socket_stream.h"

#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace audiostore::local {

/// A connection and its socket. Belongs to one thread at a time.
struct Visitor {
  Visitor(int socket, const Bell& closing, HttpService& service, std::stop_token stop, const HttpLimits& limits)
      : stream(socket, closing, limits.stall_time), http(stream, service, std::move(stop), limits) {}

  SocketStream stream;
  HttpConnection http;
};

/// Keeps all connections that wait for their peer, on one thread: idle ones, those whose head is on its way, and those
/// whose last response is. A connection leaves when there is something to answer and room for the answer, so that
/// neither an idle nor a slow nor a deaf client that has not yet proved who it is can hold a thread that others need.
/// Thread-safe.
class Lobby {
 public:
  /// Has the visitor's request answered; false, and nothing done, when too many requests wait for that.
  using Usher = std::function<bool(const std::shared_ptr<Visitor>&)>;

  /// Both must outlive the lobby. When `closing` rings, nobody is let out any more.
  Lobby(const HttpLimits& limits, const Bell& closing) : limits_(limits), closing_(closing) {}
  Lobby(const Lobby&) = delete;
  Lobby& operator=(const Lobby&) = delete;

  /// False when the process has no file descriptors left.
  [[nodiscard]] bool usable() const noexcept { return arrivals_.usable(); }
  /// Starts the thread, which calls `usher`. To be called once.
  void open(Usher usher);
  /// Waits for the thread to end. REQUIRES: `closing` rings.
  void join();

  /// For a new connection: it is closed where too many are open.
  void admit(std::shared_ptr<Visitor> visitor) { enter(std::move(visitor), true); }
  /// For a connection whose request has been answered.
  void readmit(std::shared_ptr<Visitor> visitor) { enter(std::move(visitor), false); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Guest {
    std::shared_ptr<Visitor> visitor;  // null when it has left
    bool is_new;
    Phase phase;
    Time deadline;
  };

  void enter(std::shared_ptr<Visitor> visitor, bool is_new);
  void run();
  bool wait();
  void take_in();
  void attend(Guest& guest, bool ready);
  void hear(Visitor& visitor);
  void usher_out(Guest& guest);
  void settle(Guest& guest) const;

  const HttpLimits& limits_;
  const Bell& closing_;
  Bell arrivals_;
  Usher usher_;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<Guest> entering_;

  std::vector<Guest> guests_;    // the thread's own
  std::vector<pollfd> watched_;  // likewise: the bells, then the guests in their order
};

}  // namespace audiostore::local
