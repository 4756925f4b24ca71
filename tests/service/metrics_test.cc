// Who can read the metrics.
#include "service/running.h"

#include <catch2/catch.hpp>

using namespace audio_service;

namespace {

int status_of_metrics(const Running& running, const httplib::Headers& headers = {}) {
  return send("GET", running.service->url() + "/metrics", {}, headers).status;
}

Running with(std::vector<std::string> origins, bool is_public) {
  ServiceOptions options;
  options.origins = std::move(origins);
  options.metrics_for_anyone = is_public;
  return Running(options);
}

}  // namespace

TEST_CASE("the metrics are for this machine, and for nobody behind a proxy that does not say so", "[service]") {
  const httplib::Headers forwarded{{"X-Forwarded-For", "192.0.2.1"}};
  const Running alone = with({}, false);
  CHECK(status_of_metrics(alone) == 200);
  CHECK(status_of_metrics(alone, forwarded) == 403);
  CHECK(status_of_metrics(alone, {{"Forwarded", "for=192.0.2.1"}}) == 403);

  const Running proxied = with({"https://audio.example"}, false);
  CHECK(status_of_metrics(proxied) == 403);
  CHECK(status_of_metrics(proxied, forwarded) == 403);
  CHECK(proxied.health() == healthy);

  const Running open = with({"https://audio.example"}, true);
  CHECK(status_of_metrics(open) == 200);
  CHECK(status_of_metrics(open, forwarded) == 200);
}
