// One client's connection, with limits on what it may send and how slowly.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace audio_service {

struct ConnectionLimits {
  std::size_t max_head_bytes = std::size_t{16} << 10;              ///< of the request line and all header fields
  std::chrono::milliseconds head_time{10'000};                     ///< for the whole head
  std::chrono::milliseconds silence{10'000};                       ///< without a byte, in either direction
  std::chrono::milliseconds idle_time{5'000};                      ///< between two requests
  std::uint64_t slowest_bytes_a_second = std::uint64_t{16} << 10;  ///< of a body, on the whole
};

/// httplib's view of a socket. The head is read before httplib sees any of it, within limits that httplib does not
/// have; the body is read as httplib asks for it, and must keep to a pace.
class Connection final : public httplib::Stream {
 public:
  /// Closes `socket` at the end.
  Connection(socket_t socket, const ConnectionLimits& limits) : socket_(socket), limits_(limits) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  /// Whether a next request begins before the idle time is over; `may_wait` is asked now and then, and ends it.
  bool wait_for_request(const std::function<bool()>& may_wait);

  enum class Head { complete, closed, malformed, too_large, too_slow };
  Head read_head();

  /// Whether the client has sent, or announced, more of a body than was read.
  [[nodiscard]] bool has_unread_body() const { return body_left_ > 0 || is_body_unclear_; }

  /// No request is taken from this connection any more.
  void end() noexcept { is_ended_ = true; }
  [[nodiscard]] bool is_ended() const { return is_ended_ || has_unread_body(); }

  /// The client is told that no more is to come.
  void end_answers();
  /// What has come is read, to nobody. False where no more will come, or too much has.
  bool drop_unread();

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;
  ssize_t read(char* out, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

  using Stream::write;

 private:
  using Clock = std::chrono::steady_clock;
  bool poll_for(short events, std::chrono::milliseconds longest) const;
  ssize_t receive(char* out, std::size_t size);
  void frame_body(std::string_view head);

  socket_t socket_;
  const ConnectionLimits& limits_;
  std::string buffer_;  // received; read as far as taken_
  std::size_t taken_ = 0;
  std::size_t head_left_ = 0;  // bytes of the head that were not read yet
  std::uint64_t body_left_ = 0;
  std::size_t dropped_ = 0;
  bool is_ended_ = false;
  bool is_body_unclear_ = false;  // chunked: httplib is not let near it
  Clock::time_point body_deadline_ = Clock::time_point::max();
};

/// The peer's address, without its port.
std::string peer_of(socket_t socket);

}  // namespace audio_service
