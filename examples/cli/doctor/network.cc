#include "network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace cli::doctor {

using namespace audiostore;

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string reason(int error) { return std::system_category().message(error); }

/// A name below localhost is this machine (RFC 6761, section 6.3): libcurl asks nobody for it, and not all resolvers
/// know.
std::string name_to_ask_for(const std::string& host) { return host.ends_with(".localhost") ? "localhost" : host; }

Result<Addresses> look_up(const Place& place) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(name_to_ask_for(place.host).c_str(), std::to_string(place.port).c_str(), &hints, &found);
  if (failed != 0) {
    return Error(ErrorCode::unavailable, fmt::format("'{}' has no address: {}", place.host, gai_strerror(failed)));
  }
  return Addresses(found, freeaddrinfo);
}

std::string text_of(const addrinfo& address) {
  std::array<char, NI_MAXHOST> text{};
  getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return text.data();
}

/// 0, or the errno of what went wrong.
int finish_connecting(int fd, std::chrono::milliseconds patience) {
  pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(patience.count()));
  if (ready == 0) return ETIMEDOUT;
  if (ready < 0) return errno;
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// Blocking again, but with a limit on every read and write.
void limit_waits(int fd, std::chrono::milliseconds patience) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(patience.count() / 1000);
  limit.tv_usec = static_cast<suseconds_t>(patience.count() % 1000 * 1000);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/// 0, or the errno of what went wrong.
int connect_one(const Socket& socket, const addrinfo& address, std::chrono::milliseconds patience) {
  if (socket.fd() < 0) return errno;
  fcntl(socket.fd(), F_SETFL, fcntl(socket.fd(), F_GETFL) | O_NONBLOCK);
  if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS) return errno;
  const int failed = finish_connecting(socket.fd(), patience);
  if (failed == 0) limit_waits(socket.fd(), patience);
  return failed;
}

}  // namespace

bool is_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

Result<std::vector<std::string>> resolve(const Place& place) {
  const auto addresses = look_up(place);
  if (!addresses) return addresses.error();
  std::vector<std::string> texts;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next) {
    if (std::string text = text_of(*address); std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
  }
  return texts;
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

Result<Socket> connect(const Place& place, std::chrono::milliseconds patience) {
  const auto addresses = look_up(place);
  if (!addresses) return addresses.error();
  int failed = 0;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next) {
    Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, address->ai_protocol));
    failed = connect_one(socket, *address, patience);
    if (failed == 0) return socket;
  }
  return Error(failed == ETIMEDOUT ? ErrorCode::timed_out : ErrorCode::unavailable,
               fmt::format("{} port {}: {}", place.host, place.port, reason(failed)));
}

}  // namespace cli::doctor
