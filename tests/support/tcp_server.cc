#include "support/tcp_server.h"

#include "core/text.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace audiostore {
namespace {

[[noreturn]] void fail(const char* what) { throw std::runtime_error(fmt::format("TcpServer: {} failed", what)); }

std::uint64_t announced_length(std::string_view head) {
  const std::string lower = to_lower(head);
  constexpr std::string_view name = "\r\ncontent-length:";
  const auto at = lower.find(name);
  if (at == std::string::npos) return 0;
  const std::string_view line = std::string_view(lower).substr(at + name.size());
  return parse_decimal(trim(line.substr(0, line.find('\r')))).value_or(0);
}

}  // namespace

bool TcpConnection::wait(short events, bool until_released) {
  std::array<pollfd, 3> waits{{{server_.stopped_[0], POLLIN, 0},
                               {socket_, events, 0},
                               {until_released ? server_.released_[0] : -1, POLLIN, 0}}};
  if (socket_ < 0 || poll(waits.data(), waits.size(), -1) < 0) return false;
  return waits[0].revents == 0 && waits[1].revents != 0;
}

std::string TcpConnection::read_some(std::size_t limit) {
  if (received_.empty() && !fill_to(1)) return {};
  std::string some = received_.substr(0, limit);
  received_.erase(0, some.size());
  return some;
}

bool TcpConnection::fill_to(std::size_t size) {
  std::array<char, 65536> buffer;
  while (received_.size() < size) {
    if (!wait(POLLIN, false)) return false;
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    received_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<std::size_t> TcpConnection::head_size() {
  for (;;) {
    const auto end = received_.find("\r\n\r\n");
    if (end != std::string::npos) return end + 4;
    if (!fill_to(received_.size() + 1)) return std::nullopt;
  }
}

std::optional<std::string> TcpConnection::read_head() {
  const auto size = head_size();
  return size ? take_recorded(*size) : std::nullopt;
}

std::optional<std::string> TcpConnection::read_request() {
  const auto head = head_size();
  return head ? take_recorded(*head + announced_length(std::string_view(received_).substr(0, *head))) : std::nullopt;
}

std::optional<std::string> TcpConnection::take_recorded(std::size_t size) {
  if (!fill_to(size)) return std::nullopt;
  std::string request = received_.substr(0, size);
  received_.erase(0, size);
  const std::lock_guard lock(server_.mutex_);
  server_.requests_.push_back(request);
  server_.recorded_.notify_all();
  return request;
}

bool TcpConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait(POLLOUT, false)) return false;
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool TcpConnection::send_bytewise(std::string_view bytes) {
  const int at_once = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  return std::ranges::all_of(bytes, [&](const char& byte) { return send({&byte, 1}); });
}

void TcpConnection::send_for_ever(std::string_view bytes) {
  while (send(bytes)) continue;
}

void TcpConnection::finish() { shutdown(socket_, SHUT_WR); }

void TcpConnection::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket_);
  socket_ = -1;
}

bool TcpConnection::peer_has_gone() const {
  pollfd ended{socket_, POLLRDHUP, 0};
  return socket_ < 0 || poll(&ended, 1, 0) != 0;
}

void TcpConnection::stall() { wait(POLLRDHUP, true); }

TcpServer::TcpServer(Script script)
    : script_(std::move(script)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0) fail("listening");
  if (getsockname(listener_, generic, &size) != 0) fail("getsockname");
  if (pipe2(stopped_, O_CLOEXEC) != 0 || pipe2(released_, O_CLOEXEC) != 0) fail("pipe");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

TcpServer::~TcpServer() {
  close(stopped_[1]);
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  release();
  for (const int open : {listener_, stopped_[0], released_[0]}) close(open);
}

void TcpServer::accept_all() {
  std::array<pollfd, 2> waits{{{stopped_[0], POLLIN, 0}, {listener_, POLLIN, 0}}};
  while (poll(waits.data(), waits.size(), -1) > 0 && waits[0].revents == 0) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    connections_.emplace_back([this, socket, index = accepted_++] {
      TcpConnection connection(*this, socket, index);
      script_(connection);
      if (connection.socket_ >= 0) close(connection.socket_);
    });
  }
}

std::string TcpServer::authority() const { return fmt::format("127.0.0.1:{}", port_); }
std::string TcpServer::url(std::string_view path) const { return fmt::format("http://{}{}", authority(), path); }

std::vector<std::string> TcpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TcpServer::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(mutex_);
  if (!recorded_.wait_for(lock, std::chrono::seconds(20), [&] { return requests_.size() >= count; })) {
    fail("waiting for requests");
  }
}

void TcpServer::release() {
  const std::lock_guard lock(mutex_);
  if (released_[1] >= 0) close(released_[1]);
  released_[1] = -1;
}

std::string http_response(int status, std::string_view body, std::string_view fields) {
  return fmt::format("HTTP/1.1 {} Status\r\n{}Content-Length: {}\r\n\r\n{}", status, fields, body.size(), body);
}

TcpServer::Script answering(std::string response) {
  return [response = std::move(response)](TcpConnection& connection) {
    while (connection.read_request() && connection.send(response)) continue;
  };
}

TcpServer::Script answering_once(std::string bytes) {
  return [bytes = std::move(bytes)](TcpConnection& connection) {
    if (connection.read_request()) connection.send(bytes);
  };
}

}  // namespace audiostore
