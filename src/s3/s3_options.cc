#include <audiostore/s3_store.h>

#include "core/text.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

/// `text` for one place in a host name. What does not belong there is percent-encoded: it can neither end the host nor
/// begin anything else, and S3Endpoint refuses the result.
std::string label(std::string_view text) { return uri_encode(text, UriPart::component); }

S3Options options_for(S3Provider provider, std::string_view bucket, std::string_view region, std::string endpoint) {
  return {.bucket = std::string(bucket),
          .credentials = nullptr,
          .region = std::string(region),
          .endpoint = std::move(endpoint),
          .provider = provider};
}

}  // namespace

S3Options S3Options::aws(std::string_view region, std::string_view bucket) {
  return options_for(S3Provider::aws, bucket, region, "");
}

S3Options S3Options::r2(std::string_view account_id, std::string_view bucket, std::string_view jurisdiction) {
  const std::string dot = jurisdiction.empty() ? "" : ".";
  return options_for(
      S3Provider::r2, bucket, "auto",
      fmt::format("https://{}{}{}.r2.cloudflarestorage.com", label(account_id), dot, label(jurisdiction)));
}

S3Options S3Options::supabase(std::string_view project_ref, std::string_view bucket, std::string_view region) {
  return options_for(S3Provider::supabase, bucket, region,
                     fmt::format("https://{}.storage.supabase.co/storage/v1/s3", label(project_ref)));
}

S3Options S3Options::b2(std::string_view region, std::string_view bucket) {
  return options_for(S3Provider::b2, bucket, region, fmt::format("https://s3.{}.backblazeb2.com", label(region)));
}

S3Options S3Options::wasabi(std::string_view region, std::string_view bucket) {
  return options_for(S3Provider::wasabi, bucket, region, fmt::format("https://s3.{}.wasabisys.com", label(region)));
}

S3Options S3Options::spaces(std::string_view region, std::string_view bucket) {
  return options_for(S3Provider::spaces, bucket, "", fmt::format("https://{}.digitaloceanspaces.com", label(region)));
}

S3Options S3Options::gcs(std::string_view bucket) {
  return options_for(S3Provider::gcs, bucket, "", "https://storage.googleapis.com");
}

S3Options S3Options::minio(std::string_view endpoint, std::string_view bucket) {
  return options_for(S3Provider::minio, bucket, "", std::string(endpoint));
}

S3Options S3Options::ceph(std::string_view endpoint, std::string_view bucket) {
  return options_for(S3Provider::ceph, bucket, "", std::string(endpoint));
}

}  // namespace audiostore
