// A TCP server on loopback that says, byte for byte, what a test tells it to say.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace audiostore {

class TcpServer;

/// One accepted connection, as the script of a test sees it. Every wait ends when the server is destroyed.
class TcpConnection {
 public:
  /// Counted from 0 in the order of acceptance.
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

  /// Reads up to the blank line; nullopt when the peer is gone. Recorded in TcpServer::requests().
  std::optional<std::string> read_head();
  /// Reads the head and as many bytes as its Content-Length says; recorded as one text.
  std::optional<std::string> read_request();
  /// Reads at least one byte, at most `limit`; empty when the peer is gone. Not recorded.
  std::string read_some(std::size_t limit = 65536);

  /// False when the peer is gone.
  bool send(std::string_view bytes);
  /// Sends each byte as a segment of its own. False when the peer is gone.
  bool send_bytewise(std::string_view bytes);
  /// Sends `bytes` again and again for as long as the peer takes them.
  void send_for_ever(std::string_view bytes);

  /// Ends our side with FIN; the peer may go on sending.
  void finish();
  /// Ends the connection with RST.
  void reset();
  /// Whether the peer has ended the connection, or its side of it.
  [[nodiscard]] bool peer_has_gone() const;
  /// Does nothing until the peer goes or TcpServer::release() is called.
  void stall();

 private:
  friend class TcpServer;
  TcpConnection(TcpServer& server, int socket, std::size_t index) : server_(server), socket_(socket), index_(index) {}

  bool wait(short events, bool until_released);
  bool fill_to(std::size_t size);
  std::optional<std::size_t> head_size();
  std::optional<std::string> take_recorded(std::size_t size);

  TcpServer& server_;
  int socket_;
  std::size_t index_;
  std::string received_;  // not yet consumed
};

/// Accepts connections on 127.0.0.1, a thread for each, and runs the script on it; the connection is closed (FIN) when
/// the script returns. The destructor ends all of it.
class TcpServer {
 public:
  using Script = std::function<void(TcpConnection&)>;

  explicit TcpServer(Script script);
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;
  ~TcpServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "127.0.0.1:port"
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string url(std::string_view path = "/") const;

  /// Connections accepted so far.
  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_; }
  /// Everything that read_head() and read_request() have returned so far, on all connections.
  [[nodiscard]] std::vector<std::string> requests() const;
  /// Returns when `count` requests have been read, or after 20 seconds, which fails the test that called it.
  void wait_for_requests(std::size_t count) const;
  /// Ends every stall, also those to come.
  void release();

 private:
  friend class TcpConnection;
  void accept_all();

  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  int stopped_[2];   // a pipe: its read end hangs up when the server ends,
  int released_[2];  // and this one's when stalls end
  std::atomic<std::size_t> accepted_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable recorded_;
  std::vector<std::string> requests_;
  std::list<std::thread> connections_;  // touched by the accepting thread, then by the destructor
  std::thread acceptor_;
};

/// A response with this body and its Content-Length. `fields` are whole lines.
std::string http_response(int status, std::string_view body = {}, std::string_view fields = {});

/// A script that answers every request on the connection with `response`.
TcpServer::Script answering(std::string response);

/// A script that reads one request, sends `bytes` and closes.
TcpServer::Script answering_once(std::string bytes);

}  // namespace audiostore
