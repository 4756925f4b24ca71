// A bucket that services which are started with --env find, on an endpoint in the test's own process.
#pragma once

#include "support/results.h"
#include "support/scoped_env.h"

#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>

#include <memory>
#include <string>
#include <vector>

namespace audio_service {

struct SharedBucket {
  /// Services take it for one of that provider: "ceph" has forms and copies on no condition, "other" neither.
  explicit SharedBucket(const std::string& provider = "local") : provider_name("AUDIOSTORE_PROVIDER", provider) {}

  [[nodiscard]] std::vector<std::string> objects() const {
    std::vector<std::string> keys;
    for (const auto& object : audiostore::must(memory->list()).objects) keys.push_back(object.key);
    return keys;
  }

  std::shared_ptr<audiostore::ObjectStore> memory = audiostore::make_memory_store();
  std::unique_ptr<audiostore::LocalEndpoint> endpoint = audiostore::must(audiostore::LocalEndpoint::start(memory));
  audiostore::ScopedEnv provider_name;
  audiostore::ScopedEnv address{"AWS_ENDPOINT_URL_S3", endpoint->url()};
  audiostore::ScopedEnv bucket{"AWS_S3_BUCKET", "audiostore"};
  audiostore::ScopedEnv region{"AWS_REGION", "us-east-1"};
  audiostore::ScopedEnv access_key{"AWS_ACCESS_KEY_ID", endpoint->credentials().access_key_id};
  audiostore::ScopedEnv secret_key{"AWS_SECRET_ACCESS_KEY",
                                   std::string(endpoint->credentials().secret_access_key.reveal())};
};

}  // namespace audio_service
