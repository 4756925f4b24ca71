#include "http/server.h"

#include "http/form_type.h"
#include "http/refusal.h"

#include <fmt/format.h>

#include <sys/socket.h>

#include <functional>

namespace audio_service {
namespace {

constexpr int connection_backlog = 512;

// httplib hands a connection to a queue as a job that must run. Run by the accepting thread, it only says "busy".
thread_local bool is_one_too_many = false;
// The connection that this thread answers on, for the handlers that httplib calls without it.
thread_local Connection* current = nullptr;

/// In place of httplib's SO_REUSEPORT, which would let a second service take half of the connections unnoticed.
void allow_quick_restart(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

const char* reason_of(int status) {
  if (status == 400) return "Bad Request";
  if (status == 408) return "Request Timeout";
  return status == 431 ? "Request Header Fields Too Large" : "Service Unavailable";
}

void set_unless_set(httplib::Response& response, const char* name, const char* value) {
  if (!response.has_header(name)) response.set_header(name, value);
}

/// What every answer has.
void add_safety_headers(const httplib::Request&, httplib::Response& response) {
  set_unless_set(response, "X-Content-Type-Options", "nosniff");
  set_unless_set(response, "Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
  set_unless_set(response, "Cache-Control", "no-store");
  set_unless_set(response, "Referrer-Policy", "no-referrer");
  if (current == nullptr) return;
  if (response.status == 400 || response.status == 411) current->end();  // who knows what the rest of it is
  if (current->is_ended()) set_unless_set(response, "Connection", "close");
}

/// Makes a request one that httplib 0.11 handles rightly.
void make_plain(httplib::Request& request) {
  request.ranges.clear();  // by which every answer would be cut, JSON too
  const auto type = request.headers.find("Content-Type");
  if (type != request.headers.end()) type->second = plain_form_type(type->second);
}

void answer_in_json(const httplib::Request&, httplib::Response& response) {
  if (!response.body.empty()) return;
  const bool is_missing = response.status == 404;
  response.set_content(
      refusal_body(is_missing ? "not_found" : "invalid_argument",
                   is_missing ? "there is nothing under this path" : "this is no request that can be read"),
      "application/json");
}

}  // namespace

/// Threads, and no more connections waiting for one than there may be.
class Server::Pool final : public httplib::TaskQueue {
 public:
  Pool(const ServerLimits& limits, std::atomic<std::size_t>& waiting, std::atomic<std::size_t>& answering)
      : most_waiting_(limits.waiting_connections), waiting_(waiting), answering_(answering), threads_(limits.threads) {}

  void enqueue(std::function<void()> job) override {
    if (waiting_ >= most_waiting_) {
      is_one_too_many = true;
      job();
      is_one_too_many = false;
      return;
    }
    ++waiting_;
    threads_.enqueue([this, job = std::move(job)] {
      ++answering_;
      --waiting_;
      job();
      --answering_;
    });
  }
  void shutdown() override { threads_.shutdown(); }

 private:
  std::size_t most_waiting_;
  std::atomic<std::size_t>& waiting_;
  std::atomic<std::size_t>& answering_;
  httplib::ThreadPool threads_;
};

/// One more connection of a peer, for as long as it lives.
class Server::PeerCount {
 public:
  PeerCount(Server& server, std::string peer) : server_(server), peer_(std::move(peer)) {
    const std::scoped_lock lock(server_.peers_mutex_);
    count_ = ++server_.peers_[peer_];
    ++server_.metrics_.connections;
  }
  PeerCount(const PeerCount&) = delete;
  PeerCount& operator=(const PeerCount&) = delete;
  ~PeerCount() {
    const std::scoped_lock lock(server_.peers_mutex_);
    --server_.metrics_.connections;
    if (--server_.peers_[peer_] == 0) server_.peers_.erase(peer_);
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  Server& server_;
  std::string peer_;
  std::size_t count_ = 0;
};

Server::Server(const ServerLimits& limits, Metrics& metrics) : limits_(limits), metrics_(metrics) {
  set_tcp_nodelay(true);
  set_socket_options(&allow_quick_restart);
  set_keep_alive_max_count(limits_.requests_per_connection);
  set_post_routing_handler(&add_safety_headers);
  set_error_handler(httplib::Server::Handler(&answer_in_json));
  new_task_queue = [this] { return new Pool(limits_, waiting_, answering_); };
}

int Server::bind(const std::string& host, int port) {
  const int bound = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : 0);
  if (bound <= 0) return 0;
  ::listen(svr_sock_, connection_backlog);  // httplib's own backlog of 5 makes bursts of clients wait a second
  return bound;
}

/// Whether a connection may hold a thread while nothing is asked on it: not where others wait for all of them.
bool Server::may_wait() const {
  const bool is_needed = waiting_ > 0 && answering_ >= limits_.threads;
  return !is_needed && is_running();
}

Server::Next Server::refuse(Connection& connection, int status, std::string_view code, std::string_view message) {
  const std::string body = refusal_body(code, message);
  connection.write(
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
                  "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n{}Connection: close\r\n\r\n{}",
                  status, reason_of(status), body.size(), status == 503 ? "Retry-After: 1\r\n" : "", body));
  return Next::farewell;
}

Server::Next Server::refuse_busy(Connection& connection, std::string_view message) {
  metrics_.count_refused_connection();
  return refuse(connection, 503, "busy", message);
}

bool Server::process_and_close_socket(socket_t socket) {
  auto connection = std::make_unique<Connection>(socket, limits_.connection);
  const Next next = is_one_too_many  // on the accepting thread
                        ? refuse_busy(*connection, "too many connections are waiting; try again")
                        : converse(*connection);
  if (next == Next::farewell) farewells_.add(std::move(connection));
  return true;
}

Server::Next Server::converse(Connection& connection) {
  const PeerCount peer(*this, peer_of(connection.socket()));
  if (peer.count() > limits_.connections_per_peer) {
    return refuse_busy(connection, "too many connections from this address; try again");
  }
  current = &connection;
  Next next = Next::request;
  for (std::size_t left = limits_.requests_per_connection; left > 0 && next == Next::request; --left) {
    const bool is_first = left == limits_.requests_per_connection;  // whoever was let in may say what they want
    const bool comes = connection.wait_for_request([&] { return is_first ? is_running() : may_wait(); });
    next = comes ? answer_one(connection, left == 1) : Next::close;
  }
  current = nullptr;
  return next;
}

Server::Next Server::answer_one(Connection& connection, bool is_last) {
  switch (connection.read_head()) {
    case Connection::Head::complete: break;
    case Connection::Head::closed: return Next::close;
    case Connection::Head::malformed:
      return refuse(connection, 400, "invalid_argument", "this is no request that can be read");
    case Connection::Head::too_large: return refuse(connection, 431, "too_large", "the header fields are too long");
    case Connection::Head::too_slow: return refuse(connection, 408, "timed_out", "the request did not arrive in time");
  }
  bool is_closed = is_last;
  if (!process_request(connection, is_last, is_closed, &make_plain)) return Next::close;
  if (connection.is_ended()) return Next::farewell;
  return is_closed ? Next::close : Next::request;
}

}  // namespace audio_service
