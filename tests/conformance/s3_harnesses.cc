// S3Store as the suite's subject: over a LocalEndpoint in this process, or over whatever server the environment names.
#include <audiostore/file_store.h>
#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>
#include <audiostore/s3_store.h>

#include "conformance/harness.h"
#include "core/crypto.h"
#include "support/temp_folder.h"

#include <map>
#include <memory>

namespace audiostore::conformance {
namespace {

/// The machine's clock, set back.
class LateClock final : public Clock {
 public:
  explicit LateClock(std::chrono::seconds behind) : behind_(behind) {}
  [[nodiscard]] TimePoint now() const override { return system_clock()->now() - behind_; }

 private:
  std::chrono::seconds behind_;
};

class S3Harness : public Harness {
 public:
  explicit S3Harness(S3Options options)
      : options_(std::move(options)),
        store_(make_s3_store(options_).value()),
        second_(make_s3_store(options_).value()) {}

  ObjectStore& store() override { return *store_; }
  ObjectStore& second_store() override { return *second_; }

  Result<Reply> fetch(const SignedRequest& request, std::string_view body) override {
    Reply reply;
    const auto append = [&](ByteSpan piece) -> Result<void> {
      reply.body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      return {};
    };
    const HttpRequest http{.method = request.method,
                           .url = request.url,
                           .headers = without_content_length(request.headers),
                           .body = request.method == "PUT" || request.method == "POST"
                                       ? Payload::from_string(std::string(body))
                                       : Payload(),
                           .call = {}};
    return options_.transport->send(http, [&](const HttpResponse&) -> Result<ByteSink> { return append; })
        .transform([&](HttpResponse response) {
          reply.status = response.status;
          reply.headers = std::move(response.headers);
          return std::move(reply);
        });
  }

  Result<SignedRequest> presign_earlier(std::chrono::seconds ago, const PresignRequest& request) override {
    S3Options late = options_;
    late.clock = std::make_shared<LateClock>(ago);
    return make_s3_store(late).value()->presign(request);
  }

  Result<std::unique_ptr<S3Store>> s3_store(const std::function<void(S3Options&)>& change) override {
    S3Options changed = options_;
    change(changed);
    return make_s3_store(std::move(changed));
  }

 private:
  static Headers without_content_length(Headers headers) {  // the transport sends the body's own
    std::erase_if(headers, [](const Header& header) { return header.name == "Content-Length"; });
    return headers;
  }

  S3Options options_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<ObjectStore> second_;
};

/// Parts are small, so that many cases meet them.
S3Options with_transport(S3Options options) {
  options.transport = make_curl_transport().value();
  options.transfer = {.multipart_threshold = 100'000, .part_size = 70'000, .parts_in_flight = 3};
  return options;
}

/// A LocalEndpoint over some store, which must outlive the S3Store that talks to it.
class LocalS3Harness final : public S3Harness {
 public:
  /// All that there is: our own endpoint must leave nothing out.
  Capabilities capabilities() override {
    return {
        .presign = true, .conditional_put = true, .conditional_copy = true, .conditional_replace = true, .tags = true};
  }

  LocalS3Harness(std::unique_ptr<LocalEndpoint> endpoint, std::unique_ptr<TempFolder> folder)
      : S3Harness(with_transport(endpoint->s3_options())), folder_(std::move(folder)), endpoint_(std::move(endpoint)) {}

 private:
  std::unique_ptr<TempFolder> folder_;
  std::unique_ptr<LocalEndpoint> endpoint_;
};

Result<std::unique_ptr<Harness>> serve(Result<std::unique_ptr<ObjectStore>> store, std::unique_ptr<TempFolder> folder) {
  if (!store) return std::move(store).error();
  auto endpoint = LocalEndpoint::start(*std::move(store), {.min_part_bytes = 1});
  if (!endpoint) return std::move(endpoint).error();
  return std::make_unique<LocalS3Harness>(*std::move(endpoint), std::move(folder));
}

Result<std::unique_ptr<Harness>> serve_memory() { return serve(make_memory_store(), nullptr); }

Result<std::unique_ptr<Harness>> serve_files() {
  auto folder = std::make_unique<TempFolder>();
  auto files = make_file_store(folder->path() / "store");
  return serve(std::move(files), std::move(folder));
}

constexpr std::size_t live_part_bytes = std::size_t{5} << 20;  // no service takes smaller ones

/// A server that somebody else wrote, under a prefix of its own.
class LiveHarness final : public S3Harness {
 public:
  LiveHarness(S3Options options, std::string prefix) : S3Harness(std::move(options)), prefix_(std::move(prefix)) {}
  std::size_t three_parts() override { return 2 * live_part_bytes; }
  std::string prefix() override { return prefix_; }

 private:
  std::string prefix_;
};

std::string live(std::string_view name) {
  return process_environment("AUDIOSTORE_LIVE_" + std::string(name)).value_or("");
}

S3Provider live_provider() {
  static const std::map<std::string, S3Provider> names{{"aws", S3Provider::aws},
                                                       {"r2", S3Provider::r2},
                                                       {"ceph", S3Provider::ceph},
                                                       {"minio", S3Provider::minio},
                                                       {"supabase", S3Provider::supabase}};
  const auto found = names.find(live("PROVIDER"));
  return found == names.end() ? S3Provider::other : found->second;
}

/// AUDIOSTORE_LIVE_{ENDPOINT,BUCKET,ACCESS_KEY_ID,SECRET_ACCESS_KEY} and, where it is needed, _REGION, _SESSION_TOKEN,
/// _CA_FILE, _PROVIDER, _ADDRESSING (path or virtual_host) and _PREFIX (default: random).
Result<std::unique_ptr<Harness>> live_server() {
  auto transport = make_curl_transport({.ca_file = live("CA_FILE")});
  if (!transport) return std::move(transport).error();
  const S3Options options{
      .bucket = live("BUCKET"),
      .credentials = static_credentials({.access_key_id = live("ACCESS_KEY_ID"),
                                         .secret_access_key = Secret(live("SECRET_ACCESS_KEY")),
                                         .session_token = Secret(live("SESSION_TOKEN"))}),
      .region = live("REGION"),
      .endpoint = live("ENDPOINT"),
      .provider = live_provider(),
      .addressing = live("ADDRESSING") == "virtual_host" ? AddressingStyle::virtual_host : AddressingStyle::path,
      .transfer = {.multipart_threshold = live_part_bytes, .part_size = live_part_bytes},
      .transport = *std::move(transport)};
  if (auto valid = make_s3_store(options); !valid) return std::move(valid).error();
  const std::string prefix =
      live("PREFIX").empty() ? "audiostore-conformance-" + random_hex(8).value() : live("PREFIX");
  return std::make_unique<LiveHarness>(options, prefix + "/");
}

const bool registered = register_harness("s3-memory", serve_memory) && register_harness("s3-file", serve_files) &&
                        register_harness("live", live_server);

}  // namespace
}  // namespace audiostore::conformance
