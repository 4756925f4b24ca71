// A client that sends whatever bytes a test wants sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace audiostore::local {

/// One TCP connection. Reads and writes give up after five seconds, so that no test hangs.
class TcpClient {
 public:
  explicit TcpClient(std::uint16_t port, const char* address = "127.0.0.1");
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;
  ~TcpClient();

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int socket() const { return socket_; }

  /// False when the server did not take all of it.
  bool send(std::string_view text) const;
  /// One response with its Content-Length bytes of body; what there is when the server ends the connection.
  std::string receive();
  /// All that comes until the server ends the connection.
  std::string receive_rest();

 private:
  bool read_more();
  std::string take(std::size_t count);

  int socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace audiostore::local
