// The service in this process, with limits that a test can reach.
#pragma once

#include "service.h"
#include "service/client.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <cstdint>
#include <memory>
#include <string>

namespace audio_service {

struct Running {
  explicit Running(const ServerLimits& limits) : Running(ServiceOptions{.web = {}, .server = limits}) {}
  explicit Running(ServiceOptions options) {
    options.data = folder.path();
    options.web = folder.path();
    options.port = 0;
    options.log_requests = false;
    service = audiostore::must(Service::open(options));
    service->start();
    const std::string url = service->url();
    port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  [[nodiscard]] std::string health() const { return send("GET", service->url() + "/healthz").body; }

  audiostore::TempFolder folder;
  std::unique_ptr<Service> service;
  std::uint16_t port = 0;
};

inline constexpr const char* healthy = R"({"status":"ok","success":true})";

}  // namespace audio_service
