#include "service.h"

#include "http/routes.h"
#include "http/web_files.h"
#include "policy.h"

#include <fmt/format.h>

#include <cstdio>

namespace audio_service {
namespace {

using audiostore::AudioFormat;
using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::Result;

constexpr std::chrono::minutes sweep_interval{1};

/// What browsers record and people have.
audiostore::AudioLimits limits_of(const ServiceOptions& options) {
  return {.allowed = {AudioFormat::webm, AudioFormat::mp4, AudioFormat::ogg, AudioFormat::wav, AudioFormat::mp3,
                      AudioFormat::flac},
          .max_bytes = options.max_bytes};
}

std::filesystem::path spool_folder(const ServiceOptions& options) { return options.data / "spool"; }

std::vector<std::string> origins_of(const ServiceOptions& options, int port) {
  std::vector<std::string> origins = options.origins;
  for (const char* host : {"127.0.0.1", "localhost"}) origins.push_back(fmt::format("http://{}:{}", host, port));
  return origins;
}

/// An origin of its own means that a proxy serves the pages, and not every proxy adds X-Forwarded-For.
MetricsReaders readers_of_metrics(const ServiceOptions& options) {
  if (options.metrics_for_anyone) return MetricsReaders::anyone;
  return options.origins.empty() ? MetricsReaders::this_machine : MetricsReaders::nobody;
}

}  // namespace

std::filesystem::path database_file(const ServiceOptions& options) { return options.data / "audio-service.db"; }

void prepare_data_folder(const ServiceOptions& options) {
  std::filesystem::create_directories(spool_folder(options));
  std::filesystem::permissions(options.data, std::filesystem::perms::owner_all);
}

Result<std::unique_ptr<Workshop>> Workshop::open(const ServiceOptions& options, const std::vector<std::string>& origins,
                                                 const audiostore::RequestObserver& observer) {
  auto backend = options.environment
                     ? open_environment_backend(observer)
                     : open_embedded_backend(options.data / "objects", options.storage_port, origins, observer);
  return std::move(backend).transform(
      [&](Backend storage) { return std::make_unique<Workshop>(options, std::move(storage)); });
}

Workshop::Workshop(const ServiceOptions& options, Backend storage)
    : backend(std::move(storage)),
      database(database_file(options)),
      recordings(rows, backend.store, database_policy(database, options.policy_patience), limits_of(options)),
      tickets(ticket_rows, recordings, backend.store, backend.store, clock, options.tickets) {}

Service::Service(const ServiceOptions& options) : options_(options), server_(options.server, metrics_) {}

Result<std::unique_ptr<Service>> Service::open(const ServiceOptions& options) {
  prepare_data_folder(options);
  std::unique_ptr<Service> service(new Service(options));
  return service->assemble().transform([&] { return std::move(service); });
}

Result<void> Service::assemble() {
  port_ = server_.bind(options_.host, options_.port);
  if (port_ == 0) {
    return Error(ErrorCode::unavailable, fmt::format("cannot listen on {}, port {}; another program may use it, port 0 "
                                                     "takes any free one",
                                                     options_.host, options_.port));
  }
  const std::vector<std::string> origins = origins_of(options_, port_);
  auto opened = Workshop::open(options_, origins, [this](const auto& request) { metrics_.count_storage(request); });
  if (!opened) return std::move(opened).error();
  workshop_ = *std::move(opened);
  Workshop& shop = *workshop_;
  door_ = std::make_unique<FrontDoor>(server_, shop.accounts, metrics_, shop.clock,
                                      FrontDoorOptions{.origins = origins,
                                                       .max_upload_bytes = options_.max_bytes,
                                                       .log_requests = options_.log_requests,
                                                       .rates = options_.rates});
  add_session_routes(*door_, shop.accounts);
  add_project_routes(*door_, shop.accounts, shop.recordings, shop.rows);
  add_audio_routes(*door_, shop.recordings, metrics_,
                   {.spool_folder = spool_folder(options_), .max_file_bytes = options_.max_bytes});
  add_ticket_routes(*door_, shop.tickets, shop.recordings, metrics_);
  add_health_routes(*door_, shop.database, metrics_, readers_of_metrics(options_));
  add_web_files(*door_, options_.web, shop.backend.origin);
  return {};
}

void Service::start() {
  listener_ = std::thread([this] { server_.listen_after_bind(); });
  sweeper_ = std::jthread([this](const std::stop_token& stop) { sweep(stop); });
}

void Service::sweep(const std::stop_token& stop) {
  do {
    try {
      const SweepReport report = workshop_->clean_up.sweep();
      metrics_.count_sweep(report.finished + report.tickets, static_cast<int>(report.failures.size()));
      for (const std::string& failure : report.failures) fmt::print(stderr, "sweep: {}\n", failure);
    } catch (const std::exception& failure) {
      fmt::print(stderr, "sweep: {}\n", failure.what());
    }
  } while (workshop_->clock->wait(sweep_interval, stop));
}

Service::~Service() {
  sweeper_.request_stop();
  if (sweeper_.joinable()) sweeper_.join();
  if (!listener_.joinable()) return;
  server_.stop();
  listener_.join();
}

std::string Service::url() const { return fmt::format("http://{}:{}", options_.host, port_); }

}  // namespace audio_service
