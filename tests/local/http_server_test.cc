#include "local/http_server.h"

#include "local/s3_error.h"
#include "local/tcp_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace audiostore;
using namespace audiostore::local;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t much = std::size_t{24} << 20;  // more than the buffers of a connection take

/// Answers "ok". /held is answered when the gate is open; the body of a PUT is read first; /much is long.
class GatedService final : public HttpService {
 public:
  void serve(IncomingRequest& request, Responder& responder) override {
    enter();
    if (request.head.target == "/held") wait_for_gate(request.stop);
    std::array<std::byte, 4096> piece;
    while (request.content_length) {
      const auto got = request.read_body(piece);
      if (!got) return refuse(got.error(), responder);
      if (*got == 0) break;
    }
    send(responder, 200, request.head.target == "/much" ? std::string(much, 'x') : "ok");
  }
  void refuse(const Error& reason, Responder& responder) override {
    send(responder, as_s3_error(reason).http_status(), std::string(as_s3_error(reason).service_code()));
  }

  /// Returns when `count` requests have reached the service.
  void wait_for_requests(int count) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 20s, [&] { return entered_ >= count; }));
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    gate_open_ = true;
    changed_.notify_all();
  }

 private:
  void enter() {
    const std::lock_guard lock(mutex_);
    ++entered_;
    changed_.notify_all();
  }
  void wait_for_gate(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return gate_open_; });
  }
  static void send(Responder& responder, int status, const std::string& body) {
    auto sent = responder.begin({.status = status, .content_length = body.size()});
    if (sent && !responder.answers_head()) sent = responder.write(as_bytes(body));
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  int entered_ = 0;
  bool gate_open_ = false;
};

struct Served {
  explicit Served(const HttpLimits& limits = {}) : server(HttpServer::start(0, service, limits).value()) {}
  ~Served() { service.open_gate(); }

  [[nodiscard]] std::unique_ptr<TcpClient> client(std::string_view first_bytes = "") const {
    auto made = std::make_unique<TcpClient>(server->port());
    made->send(first_bytes);
    return made;
  }
  [[nodiscard]] std::vector<std::unique_ptr<TcpClient>> clients(int count, std::string_view first_bytes) const {
    std::vector<std::unique_ptr<TcpClient>> made;
    for (int i = 0; i < count; ++i) made.push_back(client(first_bytes));
    return made;
  }

  GatedService service;
  std::unique_ptr<HttpServer> server;
};

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

bool is_ok(const std::string& response) { return response.starts_with("HTTP/1.1 200") && response.ends_with("ok"); }

/// Those of `clients` that have something to read, once `count` have.
std::vector<TcpClient*> readable(const std::vector<std::unique_ptr<TcpClient>>& clients, std::size_t count) {
  std::vector<TcpClient*> found;
  std::vector<pollfd> waiting;
  for (const auto& client : clients) waiting.push_back({.fd = client->socket(), .events = POLLIN, .revents = 0});
  while (found.size() < count && ::poll(waiting.data(), waiting.size(), 20'000) > 0) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      waiting[i].fd = -1;
      waiting[i].revents = 0;
      found.push_back(clients[i].get());
    }
  }
  return found;
}

std::ptrdiff_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

}  // namespace

TEST_CASE("One worker serves many connections in turn") {
  const Served on({.workers = 1});
  const auto clients = on.clients(40, get("/a"));
  for (int round = 0; round < 3; ++round) {
    for (const auto& client : clients) {
      CHECK(is_ok(client->receive()));
      client->send(get("/b"));
    }
  }
}

TEST_CASE("Clients that say nothing, or half of something, hold no worker") {
  const Served on({.workers = 1});
  const auto silent = on.clients(20, "");
  const auto slow = on.clients(20, "GET / HT");
  const auto honest = on.client();
  for (int i = 0; i < 3; ++i) {
    honest->send(get("/a"));
    CHECK(is_ok(honest->receive()));
  }
}

TEST_CASE("A head has to come in a limited time, however many bytes of it come") {
  const Served on({.head_time = 50ms});
  const auto slow = on.client("GET /");
  pollfd answered{.fd = slow->socket(), .events = POLLIN, .revents = 0};
  int sent = 0;
  while (sent < 5'000 && ::poll(&answered, 1, 1) == 0) sent += slow->send("x") ? 1 : 0;
  CHECK(sent < 5'000);
  CHECK(slow->receive_rest().ends_with("RequestTimeout"));
}

TEST_CASE("Idle connections end in silence") {
  const Served on({.idle_time = 0ms});
  const auto clients = on.clients(3, "");
  REQUIRE(readable(clients, 3).size() == 3);
  CHECK(clients[0]->receive_rest().empty());
}

TEST_CASE("Who takes no answer keeps no worker for ever") {
  Served on({.stall_time = 50ms, .workers = 1});
  const auto deaf = on.client(get("/much"));
  on.service.wait_for_requests(1);
  CHECK(is_ok(on.client(get("/a"))->receive()));
  CHECK(deaf->receive_rest().size() < much);
}

TEST_CASE("Who still sends after the last answer is heard out for a moment only") {
  const Served on({.farewell_time = 50ms});
  const auto talker = on.client("nonsense\r\n\r\n");
  CHECK(talker->receive().ends_with("BadRequest"));
  const auto started = std::chrono::steady_clock::now();
  while (talker->send("more") && std::chrono::steady_clock::now() - started < 5s) {
  }
  CHECK_FALSE(talker->send("more"));
}

TEST_CASE("More requests than may wait are answered with SlowDown") {
  Served on({.workers = 1, .waiting_requests = 2});
  const auto first = on.client(get("/held"));
  on.service.wait_for_requests(1);
  const auto others = on.clients(7, get("/held"));
  const auto refused = readable(others, 5);
  REQUIRE(refused.size() == 5);
  for (TcpClient* client : refused) {
    const std::string answer = client->receive_rest();
    CHECK(answer.starts_with("HTTP/1.1 503"));
    CHECK(answer.ends_with("SlowDown"));
  }
  on.service.open_gate();
  CHECK(is_ok(first->receive()));
  for (const auto& client : others) {
    if (std::ranges::find(refused, client.get()) == refused.end()) CHECK(is_ok(client->receive()));
  }
}

TEST_CASE("More connections than may be open are closed, and those that are open stay") {
  const Served on({.open_connections = 4});
  const auto early = on.clients(4, "");
  const auto late = on.clients(4, "");
  REQUIRE(readable(late, 4).size() == 4);
  CHECK(late[0]->receive_rest().empty());
  for (const auto& client : early) {
    client->send(get("/a"));
    CHECK(is_ok(client->receive()));
  }
}

TEST_CASE("It stops at once, whatever its clients are doing, and leaves nothing open") {
  const auto before = open_files();
  {
    Served on({.workers = 3, .waiting_requests = 1});
    const auto idle = on.client(get("/a"));
    idle->receive();
    const auto silent = on.clients(3, "");
    const auto slow = on.clients(3, "GET / HT");
    const auto uploading = on.client("PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1");
    on.service.wait_for_requests(2);
    const auto downloading = on.client(get("/much"));
    on.service.wait_for_requests(3);
    const auto held = on.client(get("/held"));
    on.service.wait_for_requests(4);
    const auto waiting = on.clients(3, get("/a"));
    REQUIRE(readable(waiting, 2).size() == 2);
    const auto started = std::chrono::steady_clock::now();
    on.server.reset();
    CHECK(std::chrono::steady_clock::now() - started < 5s);
    CHECK(idle->receive_rest().empty());
    CHECK(uploading->receive_rest().ends_with("ServiceUnavailable"));
    CHECK(downloading->receive_rest().size() < much);
  }
  CHECK(open_files() == before);
}

TEST_CASE("Its threads leave the process's signals to the application") {
  const auto handler = std::signal(SIGUSR1, [](int) {});
  sigset_t ours;
  sigset_t before;
  ::sigemptyset(&ours);
  ::sigaddset(&ours, SIGUSR1);
  const Served on({.workers = 1});
  ::pthread_sigmask(SIG_BLOCK, &ours, &before);
  REQUIRE(::kill(::getpid(), SIGUSR1) == 0);
  const auto client = on.client(get("/a"));  // every thread has a part in it
  CHECK(is_ok(client->receive()));
  const timespec limit{.tv_sec = 0, .tv_nsec = 0};
  CHECK(::sigtimedwait(&ours, nullptr, &limit) == SIGUSR1);  // still pending: nobody took it
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGUSR1, handler);
}
