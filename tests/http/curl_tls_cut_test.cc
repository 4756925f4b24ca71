// TLS connections that end without close_notify, as a network that breaks ends them.
#include "http/fetch.h"
#include "http/tls_server.h"
#include "support/tcp_server.h"
#include "support/temp_folder.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <thread>

using namespace audiostore;

namespace {

/// A connection to a port on loopback.
class Upstream {
 public:
  explicit Upstream(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("Upstream: cannot connect");
    }
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;
  ~Upstream() { close(socket_); }

  /// What has come; empty at the end.
  std::string read() {
    std::array<char, 16384> buffer;
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }
  void send(std::string_view bytes) { static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)); }
  void finish() { shutdown(socket_, SHUT_WR); }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

/// Takes a stream of TLS 1.2 records (RFC 5246, section 6.2.1) up to the first alert: in a connection where nothing
/// goes wrong, that is close_notify.
class RecordsBeforeAlert {
 public:
  /// The records that `bytes` completes.
  std::string take(std::string_view bytes) {
    constexpr std::size_t head_size = 5;
    constexpr char alert = 21;
    buffered_ += bytes;
    std::string records;
    while (buffered_.size() >= head_size) {
      met_alert_ = met_alert_ || buffered_[0] == alert;
      const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(buffered_[at]); };
      const std::size_t size = head_size + byte(3) * 256U + byte(4);
      if (met_alert_ || buffered_.size() < size) break;
      records += buffered_.substr(0, size);
      buffered_.erase(0, size);
    }
    return records;
  }
  [[nodiscard]] bool met_alert() const { return met_alert_; }

 private:
  std::string buffered_;
  bool met_alert_ = false;
};

/// Between a client and a TLS 1.2 server: ends the connection with FIN where the server says close_notify.
TcpServer::Script cutting_before_alert(std::uint16_t port, std::atomic<int>& cuts) {
  return [port, &cuts](TcpConnection& client) {
    Upstream server(port);
    std::thread down([&] {
      RecordsBeforeAlert records;
      while (!records.met_alert()) {
        const std::string some = server.read();
        if (some.empty()) return;
        client.send(records.take(some));
      }
      client.finish();
      ++cuts;
    });
    for (std::string some = client.read_some(); !some.empty(); some = client.read_some()) server.send(some);
    server.finish();
    down.join();
  };
}

}  // namespace

TEST_CASE("F43: a TLS connection cut without close_notify is a truncated reply, unless all of it was there") {
  const TempFolder folder;
  const Authority authority(folder.path() / "ours");
  // -HTTP: sends the file that the request names, as a whole response, and closes.
  const TlsServer server(authority.certificate("good", loopback), {"-tls1_2", "-HTTP"}, folder.path());
  std::atomic<int> cuts = 0;
  int expected_cuts = 0;
  const auto get = [&](const std::string& response) {
    std::ofstream(folder.path() / "reply") << "HTTP/1.1 200 OK\r\n" << response;
    Fetched got{Error(ErrorCode::internal, "not sent"), {}, 0};
    {
      TcpServer cutting(cutting_before_alert(server.port(), cuts));
      got = fetch(*transport({.ca_file = authority.ca()}), request("GET", "https://" + cutting.authority() + "/reply"));
    }
    CHECK(cuts == ++expected_cuts);
    return got;
  };

  SECTION("whole") {
    const Fetched got = get("Content-Length: 5\r\n\r\n12345");
    CHECK(got.status() == 200);
    CHECK(got.body == "12345");
  }
  SECTION("truncated") {
    for (const char* reply : {"Content-Length: 10\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
                              "Content-Length: 10\r\n\r\n", "X: y"}) {
      CAPTURE(reply);
      const Fetched got = get(reply);
      const ErrorCode code = got.error().code();
      CHECK((code == ErrorCode::corrupt || code == ErrorCode::unavailable));
      CHECK(got.error().retryable());
    }
  }
  SECTION("of unknown length") {
    const Fetched got = get("\r\n12345");
    CHECK((!got.result || !got.result->length_known));
  }
}
