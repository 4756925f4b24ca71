// cpp-httplib's server, with bounds on everything that a stranger can make it do.
#pragma once

#include "http/connection.h"
#include "http/farewells.h"
#include "http/metrics.h"

#include <httplib.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>

namespace audio_service {

struct ServerLimits {
  ConnectionLimits connection = {};
  std::size_t threads = 128;
  std::size_t waiting_connections = 256;  ///< for a thread; the next one is told that the service is busy
  std::size_t connections_per_peer = 96;  ///< that have a thread, from one address: not all that there are
  std::size_t requests_per_connection = 1000;
};

/// Reads heads within limits, never more of a body than was announced, and closes what it has not read. What a handler
/// leaves unanswered is JSON all the same.
class Server final : public httplib::Server {
 public:
  Server(const ServerLimits& limits, Metrics& metrics);

  /// The port that it listens on; 0 when `port` cannot be had. 0 takes any free one.
  int bind(const std::string& host, int port);

 private:
  class Pool;
  class PeerCount;

  bool process_and_close_socket(socket_t socket) override;
  /// What becomes of a connection after an answer: another request, its end, or its end once the client has read it.
  enum class Next { request, close, farewell };
  Next converse(Connection& connection);
  Next answer_one(Connection& connection, bool is_last);
  bool may_wait() const;
  static Next refuse(Connection& connection, int status, std::string_view code, std::string_view message);
  Next refuse_busy(Connection& connection, std::string_view message);

  ServerLimits limits_;
  Metrics& metrics_;
  std::atomic<std::size_t> waiting_ = 0;    // connections for a thread
  std::atomic<std::size_t> answering_ = 0;  // connections that have one
  std::mutex peers_mutex_;
  std::map<std::string, std::size_t> peers_;
  Farewells farewells_;
};

}  // namespace audio_service
