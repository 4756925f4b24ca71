// What large uploads take of memory, measured in a process of their own: it must not depend on how large they are.
#include "support/child_process.h"
#include "support/sanitized.h"
#include "support/tcp_server.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <string>

using namespace audiostore;

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

std::uint64_t content_length(const std::string& head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto at = head.find(name);
  return at == std::string::npos ? 0 : std::stoull(head.substr(at + name.size()));
}

std::string reply_to(const std::string& head) {
  const std::string line = head.substr(0, head.find("\r\n"));
  if (line.starts_with("PUT ")) return http_response(200, "", "ETag: \"p\"\r\n");
  if (line.find("uploads") != std::string::npos) {
    return http_response(200, "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>");
  }
  return http_response(200, "<CompleteMultipartUploadResult><ETag>\"w\"</ETag></CompleteMultipartUploadResult>");
}

/// A service that takes whatever it is sent, and keeps nothing but the count of it.
class Sink {
 public:
  [[nodiscard]] std::string url() const { return server_.url(""); }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  void serve(TcpConnection& connection) {
    while (const auto head = connection.read_head()) {
      for (std::uint64_t left = content_length(*head); left > 0;) {
        const std::string piece = connection.read_some(static_cast<std::size_t>(std::min<std::uint64_t>(left, 65536)));
        if (piece.empty()) return;
        left -= piece.size();
        if (head->starts_with("PUT ")) taken_ += piece.size();
      }
      if (!connection.send(reply_to(*head))) return;
    }
  }

  std::atomic<std::uint64_t> taken_ = 0;
  TcpServer server_{[this](TcpConnection& connection) { serve(connection); }};
};

/// By how many MiB the memory of a process has grown that uploaded `size` bytes.
std::uint64_t growth(const std::string& how, std::uint64_t size) {
  const Sink sink;
  ChildProcess client({AUDIOSTORE_UPLOAD_CLIENT, sink.url(), how, std::to_string(size), std::to_string(8 * mib), "4"});
  const std::uint64_t kib = std::stoull(client.wait_for_line("grown "));
  CHECK(client.wait() == 0);
  CHECK(sink.taken() >= size);
  return kib / 1024;
}

}  // namespace

TEST_CASE("a put of two GiB needs no memory for its parts") {
  const std::uint64_t grown = growth("put", (sanitized ? 64 : 2048) * mib);
  if (!sanitized) CHECK(grown < 32);
}

TEST_CASE("a writer needs as many parts as are on their way, and the one that is being filled") {
  const std::uint64_t grown = growth("writer", (sanitized ? 64 : 512) * mib);
  if (!sanitized) CHECK(grown < 4 * 8 + 32);
}
