#include "s3/provider.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

constexpr auto virtual_host = AddressingStyle::virtual_host;
constexpr auto by_etag = ConditionalReplace::by_etag;

// Sources of the rows: docs/PROVIDERS.md.
constexpr std::array profiles{
    ProviderProfile{.provider = S3Provider::aws,
                    .name = "Amazon S3",
                    .host_suffix = ".amazonaws.com",
                    .addressing = virtual_host,
                    .conditional_put = true,
                    .conditional_replace = by_etag,
                    .conditional_complete = true,
                    .conditional_copy = true,
                    .presigned_post = true,
                    .upload_crc32c = true,
                    .upload_crc64nvme = true,
                    .part_checksums = true,
                    .checksum_mode = true,
                    .etag_is_md5 = true,
                    .tagging = true,
                    .storage_classes = true,
                    .sse_s3 = true,
                    .sse_kms = true,
                    .sse_c = true,
                    .cors = true,
                    .lifecycle = true,
                    .versions = true},
    ProviderProfile{.provider = S3Provider::r2,
                    .name = "Cloudflare R2",
                    .host_suffix = ".r2.cloudflarestorage.com",
                    .default_region = "auto",
                    .conditional_put = true,
                    .conditional_replace = by_etag,
                    .conditional_complete = true,
                    .conditional_copy = true,
                    .batch_delete_max = 700,
                    .upload_crc64nvme = true,
                    .storage_classes = true,
                    .sse_c = true,
                    .cors = true,
                    .lifecycle = true},
    ProviderProfile{.provider = S3Provider::supabase,
                    .name = "Supabase Storage",
                    .host_suffix = ".supabase.co",
                    .key_charset = KeyCharset::supabase,
                    .presign_payload_hash = true},
    ProviderProfile{.provider = S3Provider::minio,
                    .name = "MinIO",
                    .default_region = "us-east-1",
                    .conditional_put = true,
                    .conditional_replace = by_etag,
                    .conditional_complete = true,
                    .conditional_copy = true,
                    .presigned_post = true,
                    .upload_crc32c = true,
                    .checksum_mode = true,
                    .tagging = true,
                    .storage_classes = true,
                    .sse_s3 = true,
                    .sse_kms = true,
                    .sse_c = true,
                    .lifecycle = true,
                    .versions = true},
    ProviderProfile{.provider = S3Provider::ceph,
                    .name = "Ceph",
                    .default_region = "us-east-1",
                    .conditional_put = true,
                    .conditional_replace = ConditionalReplace::by_bare_etag,
                    .uploads_encoded_unsaid = true,
                    .presigned_post = true,
                    .obeys_unsigned_fields = true,
                    .tagging = true,
                    .copy_drops_tags = true,
                    .storage_classes = true,
                    .sse_s3 = true,
                    .sse_kms = true,
                    .sse_c = true,
                    .cors = true,
                    .lifecycle = true,
                    .versions = true},
    ProviderProfile{.provider = S3Provider::b2,
                    .name = "Backblaze B2",
                    .host_suffix = ".backblazeb2.com",
                    .sse_s3 = true,
                    .sse_c = true,
                    .cors = true,
                    .versions = true,
                    .removal_hides = true},
    ProviderProfile{.provider = S3Provider::wasabi,
                    .name = "Wasabi",
                    .host_suffix = ".wasabisys.com",
                    .addressing = virtual_host,
                    .cors = true,
                    .lifecycle = true,
                    .versions = true},
    ProviderProfile{.provider = S3Provider::spaces,
                    .name = "DigitalOcean Spaces",
                    .host_suffix = ".digitaloceanspaces.com",
                    .default_region = "us-east-1",
                    .addressing = virtual_host,
                    .sse_c = true,
                    .cors = true,
                    .lifecycle = true,
                    .versions = true},
    ProviderProfile{.provider = S3Provider::gcs,
                    .name = "Google Cloud Storage",
                    .host_suffix = "storage.googleapis.com",
                    .default_region = "auto",
                    .multipart_copy = false},
    ProviderProfile{.provider = S3Provider::local,
                    .name = "audiostore's LocalEndpoint",
                    .default_region = "us-east-1",
                    .conditional_put = true,
                    .conditional_replace = by_etag,
                    .conditional_complete = true,
                    .conditional_copy = true,
                    .min_part_bytes = 1,
                    .presigned_post = true,
                    .upload_crc32c = true,
                    .upload_crc64nvme = true,
                    .tagging = true,
                    .cors = true,
                    .lifecycle = true,
                    .versions = true},
    ProviderProfile{.provider = S3Provider::other, .name = "this S3 service", .default_region = "us-east-1"},
};

bool is_supabase_character(char c) {
  return is_alphanumeric(c) || std::string_view("_/!.*'() &$=@;:+,?-").find(c) != std::string_view::npos;
}

}  // namespace

const ProviderProfile& profile_of(S3Provider provider) {
  return *std::ranges::find(profiles, provider, &ProviderProfile::provider);
}

S3Provider provider_of_host(std::string_view host) {
  if (host.ends_with(".amazonaws.com.cn")) return S3Provider::aws;
  const auto found = std::ranges::find_if(profiles, [&](const ProviderProfile& profile) {
    return !profile.host_suffix.empty() && host.ends_with(profile.host_suffix);
  });
  return found == profiles.end() ? S3Provider::other : found->provider;
}

Result<void> check_key(const ProviderProfile& profile, const ObjectKey& key) {
  if (profile.key_charset == KeyCharset::any) return {};
  const auto odd = std::ranges::find_if_not(key.str(), is_supabase_character);
  if (odd == key.str().end()) return {};
  return Error(ErrorCode::invalid_argument,
               fmt::format(
                   "{} takes keys of ASCII letters, digits, blanks and _/!.*'()&$=@;:+,?- only; this one has '{}'",
                   profile.name, static_cast<unsigned char>(*odd) < 0x80U ? std::string(1, *odd) : "other text"))
      .with_key(key.str());
}

}  // namespace audiostore
