#include "local/socket_stream.h"

#include "local/s3_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace audiostore::local {
namespace {

/// What a call on a socket that does not wait came to; nullopt where it would have had to wait.
Result<std::optional<std::size_t>> outcome(ssize_t count) {
  if (count >= 0) return std::optional(static_cast<std::size_t>(count));
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::optional<std::size_t>();
  return Error(ErrorCode::unavailable, "the connection is lost");
}

}  // namespace

Bell::Bell() {
  if (::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0) ends_[0] = ends_[1] = -1;
}

Bell::~Bell() {
  if (!usable()) return;
  ::close(ends_[0]);
  ::close(ends_[1]);
}

void Bell::ring() const noexcept {
  // Fails only where the pipe is full, and the bell rings already.
  static_cast<void>(!::write(ends_[1], "!", 1));
}

void Bell::silence() const noexcept {
  std::array<char, 256> rung;
  while (::read(ends_[0], rung.data(), rung.size()) > 0) {
  }
}

SocketStream::SocketStream(int socket, const Bell& closing, std::chrono::milliseconds stall_time)
    : socket_(socket), closing_(closing), stall_time_(stall_time) {
  ::fcntl(socket_, F_SETFD, FD_CLOEXEC);
}

SocketStream::~SocketStream() { ::close(socket_); }

Result<std::size_t> SocketStream::read(std::span<std::byte> out) {
  for (;;) {
    const auto got = outcome(::recv(socket_, out.data(), out.size(), MSG_DONTWAIT));
    if (!got) return got.error();
    if (*got) return **got;
    if (auto ready = wait_for(POLLIN); !ready) return ready.error();
  }
}

Result<void> SocketStream::write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const auto sent = outcome(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    if (!sent) return sent.error();
    bytes = bytes.subspan(sent->value_or(0));
    if (*sent) continue;
    if (auto ready = wait_for(POLLOUT); !ready) return ready;
  }
  return {};
}

void SocketStream::finish() { ::shutdown(socket_, SHUT_WR); }

/// Errors: timed_out; unavailable when the server stops.
Result<void> SocketStream::wait_for(short events) const {
  const auto until = std::chrono::steady_clock::now() + stall_time_;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    std::array<pollfd, 2> entries{pollfd{.fd = socket_, .events = events, .revents = 0},
                                  pollfd{.fd = closing_.descriptor(), .events = POLLIN, .revents = 0}};
    const int ready = ::poll(entries.data(), entries.size(), static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (entries[0].revents != 0) return {};
    if (entries[1].revents != 0) return Error(ErrorCode::unavailable, "The server stops.");
    return s3_error(S3Code::request_timeout, "The client fell silent.");
  }
}

}  // namespace audiostore::local
