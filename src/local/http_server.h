// Listens on loopback and answers each request on a thread of a bounded pool. The only face of the HTTP library.
#pragma once

#include "local/http_limits.h"
#include "local/http_message.h"

#include <audiostore/error.h>

#include <cstdint>
#include <memory>

namespace audiostore::local {

/// A server on 127.0.0.1. Thread-safe.
class HttpServer {
 public:
  /// Starts serving; `service` must outlive the server. `port` 0 takes any free one.
  /// Errors: unavailable (the port is taken).
  static Result<std::unique_ptr<HttpServer>> start(std::uint16_t port, HttpService& service,
                                                   const HttpLimits& limits = {});

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Cuts all connections and joins all threads.
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  class Listener;
  HttpServer(std::unique_ptr<Listener> listener, std::uint16_t port);

  std::unique_ptr<Listener> listener_;
  std::uint16_t port_;
};

}  // namespace audiostore::local
