#include "advice.h"

#include "snippets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace cli::doctor {

using namespace audiostore;

namespace {

using std::chrono::seconds;

/// S3's own tolerance. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
constexpr seconds tolerance = std::chrono::minutes(15);

std::string proxy_of(const Examination& examination) {
  for (const Sighting& sighting : examination.witness->sightings()) {
    if (!sighting.via.empty()) return sighting.via;
  }
  return {};
}

/// A wrong signature has three causes; what was seen of the clock and of proxies tells them apart.
std::string remedy_for_signature(const Examination& examination) {
  const seconds offset = examination.clock_offset.value_or(seconds(0));
  if (std::chrono::abs(offset) > tolerance) {
    return fmt::format("set this machine's clock first: it differs by {} from the service's", in_words(offset));
  }
  if (const std::string via = proxy_of(examination); !via.empty()) {
    return fmt::format(
        "have the proxy in between ({}) pass Host, path and headers on unchanged; if it does, enter the secret access "
        "key anew",
        via);
  }
  return fmt::format(
      "enter the secret access key anew, whole and without blanks: it does not belong to this access key id (the clock "
      "is {}, no proxy shows itself; one that rewrites Host or path would have the same effect)",
      examination.clock_offset ? "right" : "not known");
}

std::string remedy_for_key(const Examination& examination) {
  const std::string_view token = examination.credentials && !examination.credentials->session_token.empty()
                                     ? "get new temporary credentials, with their session token"
                                     : "check that the key belongs to this service and account, and was not deleted";
  return fmt::format("{}; the one in use is {}", token,
                     examination.credentials ? examination.credentials->to_string() : "not known");
}

/// Where the bucket is, as far as Amazon is asked.
std::string region_at_amazon(const Examination& examination) {
  if (examination.provider() != S3Provider::aws) return {};
  std::string region = examination.subject.options.region;
  for (const Sighting& sighting : examination.witness->sightings()) {
    if (!sighting.signed_region.empty()) region = sighting.signed_region;
  }
  return region;
}

/// The policy for this bucket and prefix, and what is particular to it.
Finding allow_by_policy(std::string found, const Permission& permission, const Examination& examination) {
  const Subject& subject = examination.subject;
  const std::string_view condition =
      subject.prefix.empty()
          ? ""
          : "; by its condition on s3:prefix an object that is not there is answered with 403, not 404";
  return problem(std::move(found),
                 fmt::format("allow {} ({}) to the user or role of these credentials; this policy is all that "
                             "audiostore needs{}",
                             permission.action, permission.what, condition),
                 least_privilege_policy(subject.options.bucket, subject.prefix, region_at_amazon(examination)));
}

/// Who gives permissions, and how.
Finding denied(std::string found, const Permission& permission, const Examination& examination) {
  switch (examination.provider()) {
    case S3Provider::r2:
      return problem(std::move(found),
                     fmt::format("give the R2 API token the permission to {}: 'Object Read & Write' for this bucket, "
                                 "'Admin Read & Write' for the bucket's settings",
                                 permission.what));
    case S3Provider::supabase:
      return problem(std::move(found),
                     fmt::format("use the project's S3 access keys, which may do everything, or with a session token "
                                 "add a row-level security policy on storage.objects by which this user may {}",
                                 permission.what));
    case S3Provider::b2:
    case S3Provider::gcs:
      return problem(
          std::move(found),
          fmt::format("give the key the permission to {} in this bucket, in the provider's console", permission.what));
    default: return allow_by_policy(std::move(found), permission, examination);
  }
}

std::string remedy_by_service_code(const Error& error, const Examination& examination) {
  const std::string& code = error.service_code();
  const std::string& bucket = examination.subject.options.bucket;
  if (code == "SignatureDoesNotMatch") return remedy_for_signature(examination);
  if (code == "InvalidAccessKeyId") return remedy_for_key(examination);
  if (code == "ExpiredToken" || code == "TokenRefreshRequired" || code == "InvalidToken") {
    return "get new temporary credentials: the session token has ended, or is not one of this service";
  }
  if (code == "RequestTimeTooSkewed") return "set this machine's clock, e.g. timedatectl set-ntp true";
  if (code == "NoSuchBucket" && examination.provider() == S3Provider::r2) {
    return fmt::format(
        "create the bucket '{}', or correct its name or the endpoint: a bucket with a jurisdiction is "
        "found at ACCOUNT_ID.eu.r2.cloudflarestorage.com (or .fedramp.) only",
        bucket);
  }
  if (code == "NoSuchBucket") {
    return fmt::format("create the bucket '{}', or correct its name; with the right name, endpoint and account",
                       bucket);
  }
  if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect") {
    return "set AWS_REGION, or --region, to the region that the bucket was made in";
  }
  return {};
}

std::string remedy_by_code(const Error& error, const Examination& examination) {
  switch (error.code()) {
    case ErrorCode::unauthenticated: return remedy_for_key(examination);
    case ErrorCode::unavailable:
    case ErrorCode::timed_out: return "try again; if it stays so, look at the service's status page and at firewalls";
    case ErrorCode::rate_limited: return "try again later, and ask the provider for the limits of this account";
    case ErrorCode::cancelled: return "run the doctor again: it was stopped";
    case ErrorCode::no_space: return "make room, or raise the quota";
    case ErrorCode::unsupported: return "say which service it is, or use one that has this";
    default: break;
  }
  if (error.request_id().empty()) return "check that the endpoint is an S3 service and not its console";
  return fmt::format("ask the service's support about request {}", error.request_id());
}

}  // namespace

std::string in_words(seconds duration) {
  struct Unit {
    long long seconds;
    std::string_view name;
  };
  constexpr std::array units{Unit{86'400, "days"}, Unit{3'600, "h"}, Unit{60, "min"}, Unit{1, "s"}};
  long long left = std::abs(static_cast<long long>(duration.count()));
  std::string text;
  int parts = 0;
  for (const Unit& unit : units) {
    const long long count = left / unit.seconds;
    left %= unit.seconds;
    if (count == 0 || parts == 2) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : " ", count, unit.name);
    ++parts;
  }
  return text.empty() ? "0 s" : text;
}

Finding explain(const Error& error, const Permission& permission, const Examination& examination) {
  std::string found = fmt::format("could not {}: {}", permission.what, error.to_string());
  std::string remedy = remedy_by_service_code(error, examination);
  if (remedy.empty() && error.code() == ErrorCode::permission_denied) {
    return denied("Access Denied: " + found, permission, examination);
  }
  if (remedy.empty()) remedy = remedy_by_code(error, examination);
  return problem(std::move(found), std::move(remedy));
}

}  // namespace cli::doctor
