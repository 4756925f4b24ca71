#include "checks.h"
#include "providers.h"

#include <fmt/format.h>

#include <array>

namespace cli::doctor {

using namespace audiostore;

namespace {

struct Quirk {
  S3Provider provider;
  std::string_view text;
};
constexpr std::array quirks{
    Quirk{S3Provider::r2, "one write a second to the same key, more is refused with 429; new keys are not limited so"},
    Quirk{S3Provider::r2,
          "a bucket in a jurisdiction is reached at ACCOUNT_ID.eu.r2.cloudflarestorage.com (or .fedramp.)"},
    Quirk{S3Provider::r2, "signed URLs work at this host only, not at custom domains"},
    Quirk{S3Provider::r2,
          "an r2.dev address or a custom domain makes a bucket public, unseen from the S3 endpoint: look "
          "at the bucket's settings"},
    Quirk{S3Provider::supabase, "S3 access keys bypass row-level security: keep them on the server"},
    Quirk{S3Provider::supabase, "keys are ASCII letters, digits, blanks and a few signs only"},
    Quirk{S3Provider::wasabi, "objects are charged for a minimum time, also when they are removed earlier"},
    Quirk{S3Provider::spaces, "lifecycle rules know expiry and unfinished uploads only"},
    Quirk{S3Provider::minio, "CORS is a setting of the whole server, not of the bucket"},
    Quirk{S3Provider::ceph, "error messages are empty: the codes have to do"},
    Quirk{S3Provider::ceph,
          "a presigned PUT obeys fields that it did not sign, x-amz-copy-source too: give strangers forms"},
    Quirk{S3Provider::local, "for development: lifecycle rules are kept but not carried out"},
};

/// What the library says of the store, where the answer is no.
std::vector<std::string_view> limits_of(const S3Store& store) {
  const Capabilities can = store.capabilities();
  const S3Features has = store.features();
  std::vector<std::string_view> limits;
  if (!can.conditional_put) limits.emplace_back("no create-only put: two writers of one key can overwrite each other");
  if (!can.tags) limits.emplace_back("no tags");
  if (!has.presigned_post) limits.emplace_back("no presigned POST forms: browsers upload with presigned PUT");
  if (!has.cors) limits.emplace_back("CORS is set in its console, not by the S3 protocol");
  if (!has.lifecycle) limits.emplace_back("no lifecycle rules by the S3 protocol");
  return limits;
}

}  // namespace

std::string_view name_of(S3Provider provider) noexcept {
  switch (provider) {
    case S3Provider::aws: return "Amazon S3";
    case S3Provider::r2: return "Cloudflare R2";
    case S3Provider::supabase: return "Supabase Storage";
    case S3Provider::minio: return "MinIO";
    case S3Provider::ceph: return "Ceph";
    case S3Provider::b2: return "Backblaze B2";
    case S3Provider::wasabi: return "Wasabi";
    case S3Provider::spaces: return "DigitalOcean Spaces";
    case S3Provider::gcs: return "Google Cloud Storage";
    case S3Provider::local: return "LocalEndpoint";
    case S3Provider::other: return "an S3 service";
  }
  return "an S3 service";
}

Findings check_quirks(Examination& examination) {
  const S3Provider provider = examination.provider();
  if (provider == S3Provider::other) {
    return {
        ok("an S3 service that is not recognised by its host: tags, create-only puts, forms, CORS and lifecycle "
           "rules are not used, though it may have them; say which it is with --provider")};
  }
  Findings findings;
  for (const Quirk& quirk : quirks) {
    if (quirk.provider == provider) findings.push_back(ok(fmt::format("{}: {}", name_of(provider), quirk.text)));
  }
  for (const std::string_view limit : limits_of(*examination.store)) {
    findings.push_back(ok(fmt::format("{}: {}", name_of(provider), limit)));
  }
  if (examination.store->features().removal_hides) {
    findings.push_back(warning(fmt::format("{}: removing only hides an object", name_of(provider)),
                               "set the bucket's lifecycle to 'keep only the last version', or remove the versions one "
                               "by one where people ask for erasure"));
  }
  if (findings.empty()) findings.push_back(ok(fmt::format("{}: none", name_of(provider))));
  return findings;
}

}  // namespace cli::doctor
