// How the service bears its load: uploads at once and links a second, for some time.
//   service_load SECONDS [UPLOADERS] [LINKS_A_SECOND]
// Prints what happened, in the last line in short; fails where a request did, or the memory grew.
#include "service/client.h"
#include "support/sanitized.h"
#include "support/wav.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

using namespace audio_service;
using std::chrono::steady_clock;

namespace {

constexpr std::uint32_t samples_of_5_mb = 2'500'000;
constexpr int link_threads = 16;
constexpr double most_growth = 0.25;      // of the memory after half of the time, once that was some time
constexpr double most_megabytes = 200.0;  // which the bodies of all uploads at once do not fit into

struct Kind {
  std::mutex mutex;
  std::vector<double> milliseconds;
  std::vector<std::string> failures;

  void note(steady_clock::time_point begun, const Answer& answer) {
    const std::chrono::duration<double, std::milli> took = steady_clock::now() - begun;
    const std::scoped_lock lock(mutex);
    milliseconds.push_back(took.count());
    if (answer.status != 200) failures.push_back(fmt::format("{} {}", answer.status, answer.body));
  }

  /// The time within which this part of all was answered. To be asked when all are.
  [[nodiscard]] double at(double part) {
    if (milliseconds.empty()) return 0;
    std::ranges::sort(milliseconds);
    return milliseconds[static_cast<std::size_t>(part * static_cast<double>(milliseconds.size() - 1))];
  }
  [[nodiscard]] double per_second(double seconds) const { return static_cast<double>(milliseconds.size()) / seconds; }

  void print(const char* name, double seconds) {
    fmt::print("{}: {} ({:.1f}/s), {} failed; ms: median {:.1f}, 95 % {:.1f}, 99 % {:.1f}, longest {:.1f}\n", name,
               milliseconds.size(), per_second(seconds), failures.size(), at(0.5), at(0.95), at(0.99), at(1));
    if (!failures.empty()) fmt::print("  first: {}\n", failures.front());
  }
};

struct Memory {
  double start = 0;
  double middle = 0;
  double end = 0;
};

/// All of it in one line.
void print_summary(Kind& uploads, Kind& deletions, Kind& links, const Memory& memory, double seconds) {
  fmt::print(
      "summary: {:.0f} s, {} uploads ({:.1f}/s, p50 {:.0f} ms, p99 {:.0f} ms), {} links ({:.1f}/s, p50 {:.1f} ms, p99 "
      "{:.1f} ms), {} failures, RSS {:.1f} MB at start, {:.1f} in the middle, {:.1f} at the end\n",
      seconds, uploads.milliseconds.size(), uploads.per_second(seconds), uploads.at(0.5), uploads.at(0.99),
      links.milliseconds.size(), links.per_second(seconds), links.at(0.5), links.at(0.99),
      uploads.failures.size() + deletions.failures.size() + links.failures.size(), memory.start, memory.middle,
      memory.end);
}

double resident_mb(const Client& client) {
  const std::string text = client.get("/metrics").body;
  const std::string name = "\nprocess_resident_memory_bytes ";
  return std::stod(text.substr(text.find(name) + name.size())) / 1e6;
}

/// Uploads and deletes again, so that the disk does not fill.
void upload_until(steady_clock::time_point end, int uploader, const Client& client, const std::string& project,
                  const std::string& take, Kind& uploads, Kind& deletions) {
  for (int n = 0; steady_clock::now() < end; ++n) {
    const std::string recording = fmt::format("u{}-{}", uploader, n);
    auto begun = steady_clock::now();
    uploads.note(begun, client.upload(project, recording, take));
    begun = steady_clock::now();
    deletions.note(begun, client.remove("/api/audio/delete", {{"recordingId", recording}}));
  }
}

/// Asks for links at its share of the rate; late ones are made up for.
void ask_until(steady_clock::time_point end, double rate, const ServiceProcess& service, const std::string& token,
               Kind& links) {
  httplib::Client connection(service.origin());
  connection.set_keep_alive(true);
  const auto interval = std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(1 / rate));
  for (auto next = steady_clock::now(); next < end; next += interval) {
    std::this_thread::sleep_until(next);
    const auto begun = steady_clock::now();
    const auto result = connection.Get("/api/audio/url?recordingId=played", {{"Authorization", "Bearer " + token}});
    links.note(begun, result ? Answer{result->status, {}, result->body} : Answer{});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
  const int uploaders = argc > 2 ? std::atoi(argv[2]) : 64;
  const double rate = argc > 3 ? std::atof(argv[3]) : 500;
  const ServiceProcess service({"--quiet", "--user-rate", "0"});  // all of it is one user's
  const std::string token = service.add_user("alice");
  const Client client(service, token);
  const std::string project = client.make_project();
  const std::string take = audiostore::make_wav(samples_of_5_mb);
  if (client.upload(project, "played", take).status != 200) return 1;

  Kind uploads;
  Kind deletions;
  Kind links;
  Memory memory{.start = resident_mb(client)};
  const auto begun = steady_clock::now();
  const auto end = begun + std::chrono::seconds(seconds);
  std::vector<std::thread> threads;
  for (int i = 0; i < uploaders; ++i) {
    threads.emplace_back([&, i] { upload_until(end, i, client, project, take, uploads, deletions); });
  }
  for (int i = 0; i < link_threads; ++i) {
    threads.emplace_back([&] { ask_until(end, rate / link_threads, service, token, links); });
  }
  std::this_thread::sleep_until(begun + (end - begun) / 2);
  memory.middle = resident_mb(client);
  for (std::thread& thread : threads) thread.join();
  memory.end = resident_mb(client);

  const double took = std::chrono::duration<double>(steady_clock::now() - begun).count();
  fmt::print("{} uploads of {:.1f} MB at once and {} links a second, {:.1f} s\n", uploaders,
             static_cast<double>(take.size()) / 1e6, rate, took);
  uploads.print("uploads", took);
  deletions.print("deletions", took);
  links.print("links", took);
  print_summary(uploads, deletions, links, memory, took);
  const bool failed = !uploads.failures.empty() || !deletions.failures.empty() || !links.failures.empty();
  const bool grew = seconds >= 30 && memory.end > memory.middle * (1 + most_growth);
  const bool is_large = memory.end > most_megabytes;
  return failed || (!audiostore::sanitized && (grew || is_large)) ? 1 : 0;
}
