#include "local/http_server.h"

#include "local/lobby.h"

#include <httplib.h>

#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <thread>

namespace audiostore::local {
namespace {

constexpr int connection_backlog = 128;

/// httplib's server ignores SIGPIPE for the whole process, which is not a library's decision: undone at once. We send
/// with MSG_NOSIGNAL.
class SigpipeKeeper {
 protected:
  SigpipeKeeper() { ::sigaction(SIGPIPE, nullptr, &action_); }
  void restore() { ::sigaction(SIGPIPE, &action_, nullptr); }

 private:
  struct sigaction action_ {};
};

/// In place of httplib's SO_REUSEPORT, which would let another server share the port.
void allow_quick_restart(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

/// Threads that are started meanwhile take no signals but those of their own crashes: the others are the application's,
/// and one in accept() would end httplib's loop.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t others;
    ::sigfillset(&others);
    for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) ::sigdelset(&others, crash);
    ::pthread_sigmask(SIG_SETMASK, &others, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

/// What httplib wants done with a connection is soon done: it goes to the lobby.
class AtOnce final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override { job(); }
  void shutdown() override {}
};

}  // namespace

/// httplib accepts the connections, the lobby keeps them, and httplib's pool of threads answers their requests; what is
/// spoken on them is HttpConnection's.
class HttpServer::Listener final : private SigpipeKeeper, private httplib::Server {
 public:
  Listener(HttpService& service, const HttpLimits& limits)
      : service_(service), limits_(limits), lobby_(limits_, closing_) {
    restore();
    set_tcp_nodelay(true);
    set_socket_options(&allow_quick_restart);
    new_task_queue = [this] {
      accepting_.set_value();
      return new AtOnce;
    };
  }

  ~Listener() override {
    if (!acceptor_.joinable()) return;
    stopping_.request_stop();
    closing_.ring();
    Server::stop();
    acceptor_.join();
    lobby_.join();
    workers_->shutdown();
  }

  /// The port; 0 when it cannot be had.
  std::uint16_t listen(std::uint16_t port) {
    if (!closing_.usable() || !lobby_.usable()) return 0;
    const int bound = port == 0 ? bind_to_any_port("127.0.0.1") : (bind_to_port("127.0.0.1", port) ? port : -1);
    if (bound <= 0) return 0;
    ::listen(svr_sock_, connection_backlog);  // httplib's own backlog of 5 makes bursts of clients wait a second
    const SignalsBlocked blocked;
    workers_.emplace(limits_.workers);
    lobby_.open([this](const std::shared_ptr<Visitor>& visitor) { return assign(visitor); });
    acceptor_ = std::thread([this] { listen_after_bind(); });
    accepting_.get_future().wait();  // stop() has no effect before that
    return static_cast<std::uint16_t>(bound);
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    lobby_.admit(std::make_shared<Visitor>(socket, closing_, service_, stopping_.get_token(), limits_));
    return true;
  }

  /// Lets the next worker that is free answer. Called by the lobby's thread only, so that the bound holds.
  bool assign(const std::shared_ptr<Visitor>& visitor) {
    if (waiting_ >= limits_.waiting_requests) return false;
    ++waiting_;
    workers_->enqueue([this, held = visitor]() mutable {
      --waiting_;
      held->http.answer();
      if (held->http.phase() != Phase::over) lobby_.readmit(std::move(held));
    });
    return true;
  }

  HttpService& service_;
  HttpLimits limits_;
  std::stop_source stopping_;  // for whoever works on a request
  Bell closing_;               // for whoever waits for a client
  Lobby lobby_;
  std::atomic<std::size_t> waiting_ = 0;  // requests, for a worker
  std::optional<httplib::ThreadPool> workers_;
  std::promise<void> accepting_;
  std::thread acceptor_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::uint16_t port, HttpService& service,
                                                      const HttpLimits& limits) {
  auto listener = std::make_unique<Listener>(service, limits);
  const std::uint16_t bound = listener->listen(port);
  if (bound == 0) {
    return Error(ErrorCode::unavailable, "cannot listen on 127.0.0.1, port " + std::to_string(port) +
                                             "; another program may use it, port 0 takes any free one");
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(listener), bound));
}

HttpServer::HttpServer(std::unique_ptr<Listener> listener, std::uint16_t port)
    : listener_(std::move(listener)), port_(port) {}

HttpServer::~HttpServer() = default;

}  // namespace audiostore::local
