#include "http/metrics.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include <unistd.h>

namespace audio_service {
namespace {

double in_seconds(std::chrono::microseconds duration) { return std::chrono::duration<double>(duration).count(); }

/// What the process holds of the machine's memory, in bytes.
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void append_value(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                  std::uint64_t value) {
  fmt::format_to(std::back_inserter(text), "# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type, help, value);
}

}  // namespace

void Metrics::count_request(std::string_view method, std::string_view route, int status,
                            std::chrono::microseconds duration) {
  const std::scoped_lock lock(mutex_);
  Tally& tally = requests_[{std::string(method), std::string(route), std::to_string(status)}];
  ++tally.count;
  tally.seconds += in_seconds(duration);
}

void Metrics::count_storage(const audiostore::RequestMetrics& request) {
  const std::scoped_lock lock(mutex_);
  Tally& tally = storage_[{request.method, request.operation, std::to_string(request.http_status)}];
  ++tally.count;
  tally.seconds += in_seconds(request.duration);
}

void Metrics::count_stored(std::uint64_t bytes) {
  ++stored_;
  stored_bytes_ += bytes;
}

void Metrics::count_sweep(int finished, int failed) {
  swept_ += static_cast<std::uint64_t>(finished);
  sweep_failures_ += static_cast<std::uint64_t>(failed);
}

void Metrics::append_table(std::string& text, std::string_view metric, std::string_view help,
                           const std::map<Name, Tally>& table, std::string_view label) const {
  auto out = std::back_inserter(text);
  for (const auto& [suffix, type] : {std::pair{"requests_total", "counter"}, std::pair{"seconds_total", "counter"}}) {
    fmt::format_to(out, "# HELP {0}_{1} {2}\n# TYPE {0}_{1} {3}\n", metric, suffix, help, type);
    const bool counts = suffix == std::string_view("requests_total");
    for (const auto& [name, tally] : table) {
      const auto& [method, what, status] = name;
      fmt::format_to(out, "{}_{}{{method=\"{}\",{}=\"{}\",status=\"{}\"}} ", metric, suffix, method, label, what,
                     status);
      counts ? fmt::format_to(out, "{}\n", tally.count) : fmt::format_to(out, "{:.6f}\n", tally.seconds);
    }
  }
}

std::string Metrics::to_text() const {
  std::string text;
  {
    const std::scoped_lock lock(mutex_);
    append_table(text, "audio_service_http", "Requests that were answered, and the time that took.", requests_,
                 "route");
    append_table(text, "audio_service_storage", "Attempts at the storage, and the time they took.", storage_,
                 "operation");
  }
  append_value(text, "audio_service_recordings_stored_total", "counter", "Recordings that were stored.", stored_);
  append_value(text, "audio_service_stored_bytes_total", "counter", "Bytes of recordings that were stored.",
               stored_bytes_);
  append_value(text, "audio_service_connections_refused_total", "counter", "Connections that were one too many.",
               refused_connections_);
  append_value(text, "audio_service_left_over_finished_total", "counter", "Rows and tickets finished by the sweep.",
               swept_);
  append_value(text, "audio_service_sweep_failures_total", "counter", "Rows and tickets the sweep will try again.",
               sweep_failures_);
  append_value(text, "audio_service_connections", "gauge", "Connections that are open.",
               static_cast<std::uint64_t>(connections.load()));
  append_value(text, "process_resident_memory_bytes", "gauge", "Memory that the process holds.", resident_bytes());
  return text;
}

}  // namespace audio_service
