#include "backend.h"

#include <audiostore/file_store.h>

namespace audio_service {
namespace {

using audiostore::Result;

/// "https://host:port" of what the store signs.
std::string origin_of(audiostore::S3Store& store) {
  const auto request = store.presign({.key = audiostore::ObjectKey::parse("origin").value()});
  if (!request) return {};
  const std::size_t host = request->url.find("://") + 3;
  return request->url.substr(0, request->url.find('/', host));
}

Result<Backend> connect(audiostore::S3Options options, std::unique_ptr<audiostore::LocalEndpoint> endpoint,
                        const audiostore::RequestObserver& observer) {
  options.on_request = observer;
  options.user_agent_suffix = "audio-service";
  auto store = audiostore::make_s3_store(std::move(options));
  if (!store) return std::move(store).error();
  Backend backend{.endpoint = std::move(endpoint), .store = *std::move(store), .origin = {}};
  backend.origin = origin_of(*backend.store);
  return backend;
}

}  // namespace

Result<Backend> open_embedded_backend(const std::filesystem::path& folder, std::uint16_t port,
                                      std::vector<std::string> origins, const audiostore::RequestObserver& observer) {
  auto files = audiostore::make_file_store(folder);
  if (!files) return std::move(files).error();
  auto endpoint =
      audiostore::LocalEndpoint::start(*std::move(files), {.port = port, .allowed_origins = std::move(origins)});
  if (!endpoint) return std::move(endpoint).error();
  audiostore::S3Options options = (*endpoint)->s3_options();
  return connect(std::move(options), *std::move(endpoint), observer);
}

Result<Backend> open_environment_backend(const audiostore::RequestObserver& observer) {
  auto options = audiostore::s3_options_from_environment();
  if (!options) return std::move(options).error();
  return connect(*std::move(options), nullptr, observer);
}

}  // namespace audio_service
