// Where the objects are: a bucket of the environment's, or one of our own on this machine.
#pragma once

#include <audiostore/local_endpoint.h>
#include <audiostore/s3_store.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace audio_service {

struct Backend {
  std::unique_ptr<audiostore::LocalEndpoint> endpoint;  ///< absent with a bucket of the environment's
  std::shared_ptr<audiostore::S3Store> store;
  std::string origin;  ///< of its signed URLs, for the page's Content-Security-Policy
};

/// Files below `folder`, served on loopback to this service and to the pages of `origins`. Errors: those of
/// make_file_store() and LocalEndpoint::start().
audiostore::Result<Backend> open_embedded_backend(const std::filesystem::path& folder, std::uint16_t port,
                                                  std::vector<std::string> origins,
                                                  const audiostore::RequestObserver& observer);

/// The bucket that AWS_S3_BUCKET and its kin name, of AUDIOSTORE_PROVIDER's service where its host does not tell.
/// Errors: those of s3_options_from_environment() and make_s3_store(), invalid_argument.
audiostore::Result<Backend> open_environment_backend(const audiostore::RequestObserver& observer);

}  // namespace audio_service
