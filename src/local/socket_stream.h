// A connection's socket, and how threads that wait for sockets are called.
#pragma once

#include "local/http_connection.h"

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <chrono>
#include <cstddef>
#include <span>

namespace audiostore::local {

/// Something that can be rung by one thread and be heard by others in poll(). Thread-safe.
class Bell {
 public:
  Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell();

  /// False when the process has no file descriptors left.
  [[nodiscard]] bool usable() const noexcept { return ends_[0] >= 0; }
  /// Readable from ring() to silence(). Not to be read or closed.
  [[nodiscard]] int descriptor() const noexcept { return ends_[0]; }
  void ring() const noexcept;
  void silence() const noexcept;

 private:
  int ends_[2] = {-1, -1};
};

/// Owns a connected TCP socket.
class SocketStream final : public ByteStream {
 public:
  /// No read or write waits longer than `stall_time` for the peer, nor longer than until `closing` rings.
  SocketStream(int socket, const Bell& closing, std::chrono::milliseconds stall_time);
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;
  ~SocketStream() override;

  Result<std::size_t> read(std::span<std::byte> out) override;
  Result<void> write(ByteSpan bytes) override;
  void finish() override;

  [[nodiscard]] int socket() const noexcept { return socket_; }

 private:
  [[nodiscard]] Result<void> wait_for(short events) const;

  int socket_;
  const Bell& closing_;
  std::chrono::milliseconds stall_time_;
};

}  // namespace audiostore::local
