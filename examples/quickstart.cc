// The whole of audiostore in one run: a take is checked, allowed, stored over the S3 protocol, played through a signed
// URL, refused to another user, and deleted.
//
//   quickstart [FILE]          on an S3 endpoint of its own, over a folder that is removed again
//   quickstart --keep [FILE]   stays up, so that the URL can be opened in a browser
//   quickstart --env [FILE]    on the bucket that AWS_S3_BUCKET, AWS_REGION, AWS_ACCESS_KEY_ID ... name
#include "interrupt.h"
#include "quickstart_support.h"

#include <audiostore/audiostore.h>
#include <audiostore/local_endpoint.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <stop_token>

namespace {

using namespace audiostore;

/// Where the takes go: a bucket, and what must live as long as it does.
struct Bucket {
  std::unique_ptr<quickstart::TemporaryFolder> folder;
  std::unique_ptr<LocalEndpoint> endpoint;
  std::shared_ptr<ObjectStore> store;
};

Bucket open_local_bucket() {
  Bucket bucket;
  bucket.folder = std::make_unique<quickstart::TemporaryFolder>();
  std::shared_ptr<ObjectStore> files = make_file_store(bucket.folder->path()).value();
  bucket.endpoint = LocalEndpoint::start(std::move(files)).value();
  bucket.store = make_s3_store(bucket.endpoint->s3_options()).value();
  fmt::print("endpoint   {} over {}\n", bucket.endpoint->url(), bucket.folder->path().string());
  return bucket;
}

Bucket open_bucket_of_environment() {
  const S3Options options = s3_options_from_environment().value();
  fmt::print("bucket     {}\n", options.bucket);
  return {.folder = nullptr, .endpoint = nullptr, .store = make_s3_store(options).value()};
}

struct Fetched {
  int status = 0;
  std::string body;
};

/// A plain GET, as curl or a browser would send it: no credentials, only the URL.
Fetched fetch(HttpTransport& transport, const std::string& url, const std::stop_token& stop = {}) {
  std::string body;
  const auto append = [&](ByteSpan bytes) -> Result<void> {
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  const auto response = transport.send({.method = "GET", .url = url, .headers = {}, .body = {}, .call = {.stop = stop}},
                                       [&](const HttpResponse&) -> Result<ByteSink> { return append; });
  return {response.value().status, std::move(body)};
}

void require(bool condition, std::string_view what) {
  if (!condition) throw std::runtime_error(fmt::format("not as it should be: {}", what));
}

/// Removes the take again if the run ends before it has.
struct Remover {
  AudioStore& takes;
  const AudioKey& key;
  ~Remover() { static_cast<void>(takes.remove("alice", key)); }
};

/// Ctrl-C ends it where it takes long; what was stored until then is removed again.
void run(const Payload& take, Bucket bucket, bool keep, const std::stop_token& stop) {
  const auto transport = make_curl_transport().value();
  AudioStore takes(bucket.store, owner_only(),
                   {.limits = {.allowed = {AudioFormat::wav, AudioFormat::webm, AudioFormat::mp3, AudioFormat::ogg,
                                           AudioFormat::mp4, AudioFormat::flac, AudioFormat::aiff}}});
  const RecordingId id = RecordingId::generate("alice", "demo").value();

  const auto uploaded =
      takes.upload("alice", id, take, {.call = {.stop = stop, .on_progress = quickstart::progress_bar("upload    ")}})
          .value();
  const Remover remover{takes, uploaded.key};
  const SignedUrl link = takes.signed_url("alice", uploaded.key).value();
  fmt::print("stored     {} ({} bytes of {})\n", uploaded.key.str(), uploaded.size, uploaded.content_type);
  fmt::print("signed URL {}\n           good for {} s\n", link.url, link.expires_in.count());

  const Fetched played = fetch(*transport, link.url, stop);
  std::string original;
  require(take.read_all([&](ByteSpan bytes) -> Result<void> {
                original.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                return {};
              })
              .has_value(),
          "reading the take again");
  const std::string sha = quickstart::sha256_hex(played.body);
  require(played.status == 200 && sha == quickstart::sha256_hex(original), "the bytes behind the signed URL");
  fmt::print("played     {} bytes through the URL without credentials, SHA-256 {}... as uploaded\n", played.body.size(),
             sha.substr(0, 16));

  const auto denied = takes.signed_url("mallory", uploaded.key);
  require(!denied && denied.error().code() == ErrorCode::permission_denied, "another user");
  fmt::print("denied     mallory: {}\n", denied.error().message());

  if (keep) {
    fmt::print("\nOpen the signed URL in a browser. Ctrl-C ends.\n");
    std::fflush(stdout);
    examples::wait_for(stop);
  }
  require(takes.remove("alice", uploaded.key).has_value(), "removing the take");
  const Fetched gone = fetch(*transport, link.url);
  require(gone.status == 404, "the URL of a take that was removed");
  fmt::print("deleted    the URL now answers {}\n", gone.status);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Uploads a take, plays it through a signed URL, and deletes it.");
  std::string file;
  bool keep = false;
  bool environment = false;
  app.add_option("file", file, "the take; a short tone if none is given");
  app.add_flag("--keep", keep, "stay up until Ctrl-C, so that the URL can be opened in a browser");
  app.add_flag("--env", environment, "use the bucket that the AWS_*/R2_* variables name");
  CLI11_PARSE(app, argc, argv);
  const examples::Interrupt interrupt;  // so that the end of the run is always that of main()
  const std::stop_token stop = interrupt.token();
  try {
    const Payload take =
        file.empty() ? Payload::from_string(quickstart::make_tone()) : Payload::from_file(file).value();
    run(take, environment ? open_bucket_of_environment() : open_local_bucket(), keep, stop);
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "quickstart: {}\n", failure.what());
    return stop.stop_requested() ? examples::Interrupt::exit_code : 1;
  }
}
