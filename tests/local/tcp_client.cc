#include "local/tcp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace audiostore::local {

TcpClient::TcpClient(std::uint16_t port, const char* address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

TcpClient::~TcpClient() { ::close(socket_); }

bool TcpClient::send(std::string_view text) const {
  while (!text.empty()) {
    const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string TcpClient::receive() {
  while (true) {
    const auto end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto field = buffer_.find("Content-Length: ");
      const std::size_t length = field < end ? std::stoul(buffer_.substr(field + 16)) : 0;
      if (buffer_.size() >= end + 4 + length) return take(end + 4 + length);
    }
    if (!read_more()) return take(buffer_.size());
  }
}

std::string TcpClient::receive_rest() {
  while (read_more()) {
  }
  return take(buffer_.size());
}

bool TcpClient::read_more() {
  std::array<char, 65536> piece;
  const auto got = ::recv(socket_, piece.data(), piece.size(), 0);
  if (got > 0) buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::string TcpClient::take(std::size_t count) {
  std::string text = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return text;
}

}  // namespace audiostore::local
