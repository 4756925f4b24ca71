// How long the HTTP server waits, and how much it takes on.
#pragma once

#include <chrono>
#include <cstddef>

namespace audiostore::local {

struct HttpLimits {
  std::size_t head_bytes = std::size_t{32} * 1024;                    ///< the request line and the headers
  std::chrono::milliseconds head_time = std::chrono::seconds(10);     ///< from a head's first byte to its last
  std::chrono::milliseconds idle_time = std::chrono::seconds(30);     ///< before a request's first byte
  std::chrono::milliseconds stall_time = std::chrono::seconds(30);    ///< a peer that neither sends nor takes a byte
  std::chrono::milliseconds farewell_time = std::chrono::seconds(1);  ///< a peer that still sends when we have ended
  std::size_t workers = 16;                                           ///< requests that are answered at once
  std::size_t waiting_requests = 128;  ///< that wait for a worker; beyond it the answer is SlowDown
  std::size_t open_connections = 512;  ///< without a worker; beyond it new ones are closed
};

}  // namespace audiostore::local
