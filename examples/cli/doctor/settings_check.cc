// Bucket, endpoint and region, as far as they can be judged before anything is sent.
#include "checks.h"
#include "providers.h"

#include <fmt/format.h>

#include <array>

namespace cli::doctor {

using namespace audiostore;

namespace {

/// What people take for an S3 endpoint since a console shows it.
struct Mistake {
  std::string_view part;  ///< of the endpoint
  std::string_view remedy;
};
constexpr std::array mistakes{
    Mistake{"dash.cloudflare.com", "use https://ACCOUNT_ID.r2.cloudflarestorage.com: this is Cloudflare's console"},
    Mistake{".r2.dev", "use https://ACCOUNT_ID.r2.cloudflarestorage.com: this is the address of a public bucket"},
    Mistake{"console.aws.amazon.com", "leave the endpoint empty for Amazon S3 and set AWS_REGION: this is the console"},
    Mistake{"s3-website", "leave the endpoint empty for Amazon S3: this is the address of a web site in a bucket"},
    Mistake{"supabase.com", "use https://PROJECT_REF.storage.supabase.co/storage/v1/s3: this is Supabase's console"},
    Mistake{"cloudfront.net", "name the bucket's own service: a CDN does not take uploads by the S3 protocol"},
};

std::string_view mistake_in(std::string_view endpoint) {
  for (const Mistake& mistake : mistakes) {
    if (endpoint.find(mistake.part) != std::string_view::npos) return mistake.remedy;
  }
  return {};
}

/// Behind scheme and host.
std::string_view path_of(std::string_view endpoint) {
  const std::size_t host = endpoint.find("//");
  const std::size_t path = host == std::string_view::npos ? host : endpoint.find('/', host + 2);
  std::string_view rest = path == std::string_view::npos ? "" : endpoint.substr(path);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  return rest;
}

/// An endpoint that is well-formed and yet leads nowhere.
std::string remedy_for_endpoint(const Examination& examination) {
  const S3Options& options = examination.subject.options;
  if (const std::string_view remedy = mistake_in(options.endpoint); !remedy.empty()) return std::string(remedy);
  const std::string_view path = path_of(options.endpoint);
  if (examination.provider() == S3Provider::supabase && path != "/storage/v1/s3") {
    return "end the endpoint with /storage/v1/s3, e.g. https://PROJECT_REF.storage.supabase.co/storage/v1/s3";
  }
  if (!path.empty() && path == "/" + options.bucket) {
    return "leave the bucket's name out of the endpoint: it is put there from --bucket or AWS_S3_BUCKET";
  }
  if (options.endpoint.find("//" + options.bucket + ".") != std::string::npos) {
    return "leave the bucket's name out of the endpoint's host: it is put there from --bucket or AWS_S3_BUCKET";
  }
  return {};
}

std::string remedy_for_refusal(const Error& error, const Examination& examination) {
  const S3Options& options = examination.subject.options;
  if (options.bucket.empty()) return "name the bucket with --bucket, or in AWS_S3_BUCKET";
  if (options.region.empty() && options.endpoint.empty()) {
    return "name the region with --region or in AWS_REGION, or for another service than Amazon S3 the endpoint with "
           "--endpoint or in AWS_ENDPOINT_URL_S3";
  }
  if (error.message().find("http:") != std::string::npos) {
    return "use the service's https:// address: http:// is for this machine only, unless --allow-http is given";
  }
  return "correct what the message names";
}

std::string with_source(std::string_view value, std::string_view source) {
  return source.empty() ? fmt::format("'{}'", value) : fmt::format("'{}' (from {})", value, source);
}

std::string describe(const Examination& examination, const Address& address) {
  const Subject& subject = examination.subject;
  std::string text = fmt::format("bucket {} of {} at {}", with_source(subject.options.bucket, subject.bucket_source),
                                 name_of(examination.provider()), address.place.host);
  if (!subject.endpoint_source.empty()) text += fmt::format(" (from {})", subject.endpoint_source);
  if (!subject.options.region.empty()) {
    text += ", region " + with_source(subject.options.region, subject.region_source);
  }
  return text;
}

}  // namespace

Findings check_settings(Examination& examination) {
  if (const std::string& who = examination.subject.bad_provider; !who.empty()) {
    return {problem(fmt::format("{} names no provider that is known", who),
                    "name one of those that audiostore --help lists, or none: most are known by their host")};
  }
  const auto address = examination.address();
  // The store that is made here has the real credentials; that they are there is the next check's business.
  if (!address) return {problem(address.error().message(), remedy_for_refusal(address.error(), examination))};
  if (std::string remedy = remedy_for_endpoint(examination); !remedy.empty()) {
    return {problem(fmt::format("{} is not where a bucket is reached", examination.subject.options.endpoint), remedy)};
  }
  auto store = make_s3_store(examination.subject.options);
  if (!store) return {problem(store.error().message(), remedy_for_refusal(store.error(), examination))};
  examination.store = *std::move(store);
  return {ok(describe(examination, *address))};
}

Findings check_addressing(Examination& examination) {
  const auto address = examination.address();
  if (!address) return {skipped(address.error().message())};
  return {ok(address->bucket_in_host ? fmt::format("the bucket is part of the host: {}", address->place.host)
                                     : "the bucket is part of the path")};
}

}  // namespace cli::doctor
