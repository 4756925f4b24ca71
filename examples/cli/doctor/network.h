// Names, connections and certificates, one step at a time, so that a check can say which step fails.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/error.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cli::doctor {

/// Where a service listens.
struct Place {
  std::string host;  ///< an IPv6 address without its brackets
  std::uint16_t port = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

bool is_address(const std::string& host);

/// The addresses of a host, each once, as text. Errors: unavailable.
audiostore::Result<std::vector<std::string>> resolve(const Place& place);

/// A TCP connection, closed when it goes.
class Socket {
 public:
  explicit Socket(int fd) noexcept : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;
  ~Socket();
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

/// Tries the addresses one after the other, `patience` for each. Errors: unavailable, timed_out.
audiostore::Result<Socket> connect(const Place& place, std::chrono::milliseconds patience);

struct TlsReport {
  std::string version;  ///< "TLSv1.3"
  std::string issuer;
  audiostore::TimePoint expires;
};

/// Makes a TLS connection as the library does, 1.2 at least, and verifies the certificate against the first of
/// AWS_CA_BUNDLE, SSL_CERT_FILE and the system's authorities. Errors: permission_denied (the certificate is not good,
/// with what is wrong with it), unavailable (no TLS is spoken there), those of connect().
audiostore::Result<TlsReport> probe_tls(const Place& place, std::chrono::milliseconds patience);

}  // namespace cli::doctor
