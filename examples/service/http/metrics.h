// What the service has done, for Prometheus.
#pragma once

#include <audiostore/request_metrics.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

namespace audio_service {

/// Thread-safe. Names routes, never what was asked of them.
class Metrics {
 public:
  void count_request(std::string_view method, std::string_view route, int status, std::chrono::microseconds duration);
  void count_storage(const audiostore::RequestMetrics& request);
  void count_stored(std::uint64_t bytes);
  void count_refused_connection() { ++refused_connections_; }
  void count_sweep(int finished, int failed);

  /// In Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string to_text() const;

  std::atomic<int> connections = 0;  ///< that are open

 private:
  struct Tally {
    std::uint64_t count = 0;
    double seconds = 0;
  };
  using Name = std::tuple<std::string, std::string, std::string>;
  void append_table(std::string& text, std::string_view metric, std::string_view help,
                    const std::map<Name, Tally>& table, std::string_view labels) const;

  mutable std::mutex mutex_;
  std::map<Name, Tally> requests_;
  std::map<Name, Tally> storage_;
  std::atomic<std::uint64_t> stored_ = 0;
  std::atomic<std::uint64_t> stored_bytes_ = 0;
  std::atomic<std::uint64_t> refused_connections_ = 0;
  std::atomic<std::uint64_t> swept_ = 0;
  std::atomic<std::uint64_t> sweep_failures_ = 0;
};

}  // namespace audio_service
