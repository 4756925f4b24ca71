#include "examination.h"

#include <fmt/format.h>

#include <random>
#include <utility>

namespace cli::doctor {

using namespace audiostore;

namespace {

std::string random_name() {
  std::random_device device;
  return fmt::format("audiostore-doctor-{:08x}{:08x}.txt", device(), device());
}

/// "takes", "/takes/" and "takes/" are the same place.
std::string as_folder(std::string_view prefix) {
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return prefix.empty() ? "" : std::string(prefix) + "/";
}

/// One attempt, so that what is seen is what is told.
S3Options for_examination(S3Options options, std::shared_ptr<Witness> witness) {
  options.retry.max_attempts = 1;
  options.transport = std::move(witness);
  return options;
}

/// "https://host:port/path" of an URL that the library has made.
Address take_apart(const std::string& url, const S3Options& options, const ObjectKey& key) {
  Address address;
  address.object_url = url.substr(0, url.find('?'));
  address.bucket_url = address.object_url.substr(0, address.object_url.size() - key.str().size());
  address.tls = url.starts_with("https://");
  const std::size_t begin = url.find("//") + 2;
  const std::string authority = url.substr(begin, url.find('/', begin) - begin);
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  address.place.host = authority.substr(0, has_port ? colon : std::string::npos);
  const std::string port = has_port ? authority.substr(colon + 1) : address.tls ? "443" : "80";
  address.place.port = static_cast<std::uint16_t>(std::stoi(port));
  address.bucket_in_host = address.place.host.starts_with(options.bucket + ".");
  if (address.place.host.starts_with('['))
    address.place.host = address.place.host.substr(1, address.place.host.size() - 2);
  return address;
}

struct HostSuffix {
  std::string_view suffix;
  S3Provider provider;
};
constexpr HostSuffix hosts[] = {
    {".amazonaws.com", S3Provider::aws},
    {".amazonaws.com.cn", S3Provider::aws},
    {".r2.cloudflarestorage.com", S3Provider::r2},
    {".supabase.co", S3Provider::supabase},
    {".backblazeb2.com", S3Provider::b2},
    {".wasabisys.com", S3Provider::wasabi},
    {".digitaloceanspaces.com", S3Provider::spaces},
    {"storage.googleapis.com", S3Provider::gcs},
};

}  // namespace

Result<std::unique_ptr<Examination>> Examination::make(Subject subject) {
  subject.prefix = as_folder(subject.prefix);
  auto key = ObjectKey::parse(subject.prefix + random_name());
  if (!key) return key.error();
  if (!subject.options.transport) {
    auto transport = make_curl_transport();
    if (!transport) return transport.error();
    subject.options.transport = *std::move(transport);
  }
  Probe probe{.key = *std::move(key), .body = "Written by audiostore doctor. It can be removed.\n"};
  return std::unique_ptr<Examination>(new Examination(std::move(subject), std::move(probe)));
}

Examination::Examination(Subject given, Probe probed)
    : subject(std::move(given)),
      witness(std::make_shared<Witness>(subject.options.transport, subject.options.clock)),
      probe(std::move(probed)) {
  subject.options = for_examination(std::move(subject.options), witness);
}

Examination::~Examination() { static_cast<void>(remove_probe()); }

Result<Address> Examination::address() const {
  S3Options options = subject.options;
  options.credentials = static_credentials({.access_key_id = "doctor", .secret_access_key = Secret("doctor")});
  auto signer = make_s3_store(std::move(options));
  if (!signer) return signer.error();
  const auto signed_request = (*signer)->presign({.key = probe.key});
  if (!signed_request) return signed_request.error();
  return take_apart(signed_request->url, subject.options, probe.key);
}

S3Provider Examination::provider() const {
  if (subject.options.provider) return *subject.options.provider;
  if (subject.options.endpoint.empty()) return S3Provider::aws;
  const auto where = address();
  if (!where) return S3Provider::other;
  for (const HostSuffix& known : hosts) {
    if (where->place.host.ends_with(known.suffix)) return known.provider;
  }
  return S3Provider::other;
}

Result<void> Examination::remove_probe() {
  if (!store || !probe.may_exist) return {};
  const CallOptions call{.deadline = std::chrono::seconds(20)};
  if (auto removed = store->remove(probe.key, {.call = call}); !removed) return removed;
  probe.may_exist = false;
  if (!store->features().versions) return {};
  // Who may not list versions may still use the bucket; what is left then is what every removal leaves there.
  const auto versions = store->bucket().list_versions({.prefix = probe.key.str(), .call = call});
  if (!versions) return {};
  for (const ObjectVersion& version : versions->versions) {
    static_cast<void>(store->bucket().remove_version(probe.key, version.version_id, call));
  }
  return {};
}

Result<Fetched> Examination::fetch(const std::string& method, const std::string& url, const Headers& headers,
                                   const std::string& body) {
  return doctor::fetch(
      *witness, {.method = method, .url = url, .headers = headers, .body = Payload::from_string(body), .call = call()});
}

}  // namespace cli::doctor
