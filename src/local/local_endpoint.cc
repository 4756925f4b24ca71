#include <audiostore/local_endpoint.h>

#include "core/crypto.h"
#include "local/http_server.h"
#include "local/s3_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace audiostore {
namespace {

/// S3's rules for bucket names, as far as they matter for URLs and signatures.
Result<void> check_bucket(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool legal = name.size() >= 3 && name.size() <= 63 && plain(name.front()) && plain(name.back()) &&
                     std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '.'; });
  if (legal) return {};
  return Error(ErrorCode::invalid_argument,
               "the bucket's name must be 3 to 63 lower-case letters, digits, '-' and '.', and begin and end with a "
               "letter or digit");
}

Result<void> check_options(const LocalEndpointOptions& options) {
  if (auto bucket = check_bucket(options.bucket); !bucket) return bucket;
  if (options.region.empty() || options.region.find('/') != std::string::npos) {
    return Error(ErrorCode::invalid_argument, "the region must be a name such as us-east-1");
  }
  if (!options.clock) return Error(ErrorCode::invalid_argument, "the clock is missing");
  const bool usable = !options.credentials ||
                      (!options.credentials->access_key_id.empty() && !options.credentials->secret_access_key.empty());
  if (usable) return {};
  return Error(ErrorCode::invalid_argument, "the credentials need an access key id and a secret access key");
}

/// A key pair that nobody can guess, of the length that S3's have.
Result<std::shared_ptr<const Credentials>> random_credentials() {
  const auto id = random_hex(8);
  if (!id) return id.error();
  auto secret = random_hex(20);
  if (!secret) return std::move(secret).error();
  Credentials credentials{.access_key_id = "LOCL" + *id, .secret_access_key = Secret(*secret)};
  wipe(*secret);
  return std::make_shared<const Credentials>(std::move(credentials));
}

}  // namespace

class LocalEndpoint::Server {
 public:
  static Result<std::unique_ptr<Server>> start(std::shared_ptr<ObjectStore> store, LocalEndpointOptions options) {
    const std::uint16_t port = options.port;
    auto server = std::make_unique<Server>(std::move(store), std::move(options));
    auto http = local::HttpServer::start(port, server->service_);
    if (!http) return std::move(http).error();
    server->http_ = std::move(*http);
    return server;
  }

  Server(std::shared_ptr<ObjectStore> store, LocalEndpointOptions options)
      : service_(std::move(store), std::move(options)) {}

  [[nodiscard]] std::uint16_t port() const noexcept { return http_->port(); }
  [[nodiscard]] const LocalEndpointOptions& options() const noexcept { return service_.options(); }

 private:
  local::S3Service service_;
  std::unique_ptr<local::HttpServer> http_;  // ends first: it calls the service
};

Result<std::unique_ptr<LocalEndpoint>> LocalEndpoint::start(std::shared_ptr<ObjectStore> store,
                                                            LocalEndpointOptions options) {
  if (!store) return Error(ErrorCode::invalid_argument, "the store is missing");
  if (auto valid = check_options(options); !valid) return std::move(valid).error();
  if (!options.credentials) {
    auto credentials = random_credentials();
    if (!credentials) return std::move(credentials).error();
    options.credentials = std::move(*credentials);
  }
  auto server = Server::start(std::move(store), std::move(options));
  if (!server) return std::move(server).error();
  return std::unique_ptr<LocalEndpoint>(new LocalEndpoint(std::move(*server)));
}

LocalEndpoint::LocalEndpoint(std::unique_ptr<Server> server) : server_(std::move(server)) {}
LocalEndpoint::~LocalEndpoint() = default;

std::string LocalEndpoint::url() const { return fmt::format("http://127.0.0.1:{}", port()); }
std::uint16_t LocalEndpoint::port() const noexcept { return server_->port(); }
const Credentials& LocalEndpoint::credentials() const noexcept { return *server_->options().credentials; }

S3Options LocalEndpoint::s3_options() const {
  const LocalEndpointOptions& options = server_->options();
  return {.bucket = options.bucket,
          .credentials = static_credentials(*options.credentials),
          .region = options.region,
          .endpoint = url(),
          .provider = S3Provider::local,
          .addressing = AddressingStyle::path,
          .clock = options.clock};
}

}  // namespace audiostore
