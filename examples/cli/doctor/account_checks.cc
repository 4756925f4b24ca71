// Whose credentials these are, and whether the service takes them.
#include "advice.h"
#include "checks.h"

#include <fmt/format.h>

namespace cli::doctor {

using namespace audiostore;

namespace {

constexpr Permission list_objects{"s3:ListBucket", "list objects"};

constexpr std::string_view how_to_configure =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws with --profile or AWS_PROFILE";

Finding describe(const Credentials& credentials, TimePoint now) {
  std::string found = credentials.to_string();
  if (!credentials.expires_at) return ok(found);
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(*credentials.expires_at - now);
  found += fmt::format(", good for {}", in_words(left));
  if (left > std::chrono::minutes(15)) return ok(found);
  return warning(found, "renew them: no signed URL outlives the credentials that signed it");
}

/// R2 tells by its own words that something else than the access key id was entered.
bool is_wrong_kind_of_key(const Error& error) {
  return error.message().find("access key has length") != std::string::npos;
}

/// The regions that requests were signed for: what the settings say, and what was accepted.
struct Regions {
  std::string first;
  std::string accepted;
};

Regions regions_in(const Examination& examination) {
  Regions regions;
  for (const Sighting& sighting : examination.witness->sightings()) {
    if (sighting.signed_region.empty()) continue;
    if (regions.first.empty()) regions.first = sighting.signed_region;
    if (sighting.status / 100 == 2) regions.accepted = sighting.signed_region;
  }
  return regions;
}

}  // namespace

Findings check_credentials(Examination& examination) {
  const auto& provider = examination.subject.options.credentials;
  if (!provider) return {problem("S3 credentials not configured", std::string(how_to_configure))};
  const auto credentials = provider->get_within(examination.call());
  if (credentials) {
    examination.credentials = *credentials;
    return {describe(**credentials, examination.subject.options.clock->now())};
  }
  const Error& error = credentials.error();
  if (error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timed_out) {
    return {problem(error.message(), "try again: the place that hands out the credentials did not answer")};
  }
  return {problem(fmt::format("S3 credentials not configured: {}", error.message()), std::string(how_to_configure))};
}

Findings check_signature(Examination& examination) {
  const auto page =
      examination.store->list({.prefix = examination.subject.prefix, .max_keys = 1, .call = examination.call()});
  if (page) return {ok("the service takes the signature")};
  const Error& error = page.error();
  examination.listing_failure = error;
  if (is_wrong_kind_of_key(error)) {
    return {problem(error.to_string(),
                    "enter the Access Key ID and the Secret Access Key that were shown when the API "
                    "token was made, not the token itself")};
  }
  // The service knows who asks, and says no to something else than the signature.
  if (error.code() == ErrorCode::permission_denied || error.code() == ErrorCode::not_found) {
    return {ok("the service takes the signature")};
  }
  return {explain(error, list_objects, examination)};
}

Findings check_bucket(Examination& examination) {
  const auto& failure = examination.listing_failure;
  if (failure && failure->code() == ErrorCode::not_found) return {explain(*failure, list_objects, examination)};
  if (failure) return {ok("not known whether it exists: listing it is denied")};
  return {ok(fmt::format("'{}' is there", examination.subject.options.bucket))};
}

Findings check_region(Examination& examination) {
  const Regions regions = regions_in(examination);
  if (regions.accepted.empty()) return {skipped("no request has succeeded that would show it")};
  if (regions.accepted == regions.first) return {ok(fmt::format("'{}'", regions.accepted))};
  return {problem(fmt::format("the bucket is in region '{}', not in '{}'", regions.accepted, regions.first),
                  fmt::format("set AWS_REGION, or --region, to {}: signed URLs that are made before the first request "
                              "do not work otherwise",
                              regions.accepted))};
}

Findings check_list(Examination& examination) {
  const std::string where = examination.subject.prefix.empty() ? "" : " under " + examination.subject.prefix;
  if (!examination.listing_failure) return {ok(fmt::format("may list objects{}", where))};
  return {explain(*examination.listing_failure, list_objects, examination)};
}

}  // namespace cli::doctor
