#include "backend.h"

#include <audiostore/environment.h>
#include <audiostore/file_store.h>

#include <array>
#include <optional>
#include <utility>

namespace audio_service {
namespace {

using audiostore::Result;
using audiostore::S3Provider;

constexpr std::array providers{std::pair{"aws", S3Provider::aws},           std::pair{"r2", S3Provider::r2},
                               std::pair{"supabase", S3Provider::supabase}, std::pair{"minio", S3Provider::minio},
                               std::pair{"ceph", S3Provider::ceph},         std::pair{"b2", S3Provider::b2},
                               std::pair{"wasabi", S3Provider::wasabi},     std::pair{"spaces", S3Provider::spaces},
                               std::pair{"gcs", S3Provider::gcs},           std::pair{"local", S3Provider::local},
                               std::pair{"other", S3Provider::other}};

/// Whose service it is, where the endpoint's host does not tell.
Result<std::optional<S3Provider>> provider_of_environment() {
  const auto named = audiostore::process_environment("AUDIOSTORE_PROVIDER");
  if (!named || named->empty()) return std::optional<S3Provider>();
  for (const auto& [name, provider] : providers) {
    if (*named == name) return std::optional(provider);
  }
  return audiostore::Error(audiostore::ErrorCode::invalid_argument,
                           "AUDIOSTORE_PROVIDER names no provider that is known: ceph, minio, other ...");
}

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
  const auto provider = provider_of_environment();
  if (!provider) return provider.error();
  options->provider = *provider;
  return connect(*std::move(options), nullptr, observer);
}

}  // namespace audio_service
