#include "local/lobby.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace audiostore;
using namespace audiostore::local;
using namespace std::chrono_literals;

namespace {

class NoService final : public HttpService {
 public:
  void serve(IncomingRequest&, Responder&) override { FAIL("nobody answers here"); }
  void refuse(const Error&, Responder& responder) override {
    static_cast<void>(responder.begin({.status = 503, .content_length = 0}));
  }
};

/// A client, and the visitor that it is to the lobby.
struct Caller {
  Caller(HttpService& service, const Bell& closing, const HttpLimits& limits) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    socket = ends[0];
    visitor = std::make_shared<Visitor>(ends[1], closing, service, std::stop_token(), limits);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { ::close(socket); }

  void send(std::string_view text) const {
    CHECK(::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  /// Leaves no room for an answer.
  void fill() const {
    const std::string bytes(4096, 'x');
    while (::send(visitor->stream.socket(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
  }
  void read_all() const {
    std::string bytes(65536, '\0');
    while (::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
  }

  int socket = -1;
  std::shared_ptr<Visitor> visitor;
};

/// A lobby, and those whom it has let out, in their order.
struct OpenLobby {
  OpenLobby() {
    lobby.open([this](const std::shared_ptr<Visitor>& visitor) {
      const std::lock_guard lock(mutex);
      left.push_back(visitor);
      changed.notify_all();
      return true;
    });
  }
  ~OpenLobby() {
    closing.ring();
    lobby.join();
  }

  /// Those who have left, once they are `count`.
  std::vector<std::shared_ptr<Visitor>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 20s, [&] { return left.size() >= count; }));
    return left;
  }

  HttpLimits limits;
  Bell closing;
  NoService service;
  Lobby lobby{limits, closing};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<Visitor>> left;
};

constexpr std::string_view request = "GET /a HTTP/1.1\r\n\r\n";

}  // namespace

TEST_CASE("Whoever has a whole request leaves the lobby, and nobody before") {
  OpenLobby on;
  const Caller first(on.service, on.closing, on.limits);
  const Caller second(on.service, on.closing, on.limits);
  first.send(request.substr(0, 5));
  on.lobby.admit(first.visitor);
  second.send(request);
  on.lobby.admit(second.visitor);
  CHECK(on.wait_for(1) == std::vector{second.visitor});
  first.send(request.substr(5));
  CHECK(on.wait_for(2).back() == first.visitor);
}

TEST_CASE("Whoever does not read its answers waits in the lobby, not on a thread") {
  OpenLobby on;
  const Caller deaf(on.service, on.closing, on.limits);
  const Caller honest(on.service, on.closing, on.limits);
  deaf.fill();
  deaf.send(request);
  on.lobby.admit(deaf.visitor);
  honest.send(request);
  on.lobby.admit(honest.visitor);
  CHECK(on.wait_for(1) == std::vector{honest.visitor});
  deaf.read_all();
  CHECK(on.wait_for(2).back() == deaf.visitor);
}

TEST_CASE("Whoever goes away is let go") {
  OpenLobby on;
  std::weak_ptr<Visitor> gone;
  {
    Caller caller(on.service, on.closing, on.limits);
    gone = caller.visitor;
    on.lobby.admit(std::exchange(caller.visitor, nullptr));
  }
  for (std::size_t later = 1; later <= 2; ++later) {  // the second one proves that the lobby has gone its round
    const Caller next(on.service, on.closing, on.limits);
    next.send(request);
    on.lobby.admit(next.visitor);
    on.wait_for(later);
  }
  CHECK(gone.expired());
}
