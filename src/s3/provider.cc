#include "s3/provider.h"

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
                    .conditional_copy = true,
                    .conditional_complete = true,
                    .tagging = true,
                    .storage_classes = true},
    ProviderProfile{.provider = S3Provider::r2,
                    .name = "Cloudflare R2",
                    .host_suffix = ".r2.cloudflarestorage.com",
                    .default_region = "auto",
                    .batch_delete_max = 700,
                    .conditional_put = true,
                    .conditional_replace = by_etag,
                    .conditional_copy = true,
                    .conditional_complete = true,
                    .storage_classes = true},
    ProviderProfile{.provider = S3Provider::supabase,
                    .name = "Supabase Storage",
                    .host_suffix = ".supabase.co",
                    .presign_payload_hash = true},
    ProviderProfile{.provider = S3Provider::minio,
                    .name = "MinIO",
                    .default_region = "us-east-1",
                    .conditional_put = true,
                    .conditional_replace = by_etag,
                    .conditional_copy = true,
                    .conditional_complete = true,
                    .tagging = true,
                    .storage_classes = true},
    ProviderProfile{.provider = S3Provider::ceph,
                    .name = "Ceph",
                    .default_region = "us-east-1",
                    .conditional_put = true,
                    .conditional_replace = ConditionalReplace::by_bare_etag,
                    .tagging = true,
                    .storage_classes = true},
    ProviderProfile{.provider = S3Provider::b2, .name = "Backblaze B2", .host_suffix = ".backblazeb2.com"},
    ProviderProfile{
        .provider = S3Provider::wasabi, .name = "Wasabi", .host_suffix = ".wasabisys.com", .addressing = virtual_host},
    ProviderProfile{.provider = S3Provider::spaces,
                    .name = "DigitalOcean Spaces",
                    .host_suffix = ".digitaloceanspaces.com",
                    .default_region = "us-east-1",
                    .addressing = virtual_host},
    ProviderProfile{.provider = S3Provider::gcs,
                    .name = "Google Cloud Storage",
                    .host_suffix = "storage.googleapis.com",
                    .default_region = "auto",
                    .multipart_copy = false},
    ProviderProfile{.provider = S3Provider::local,
                    .name = "audiostore's LocalEndpoint",
                    .default_region = "us-east-1",
                    .conditional_put = true,
                    .conditional_copy = true,
                    .conditional_complete = true,
                    .min_part_bytes = 1},
    ProviderProfile{.provider = S3Provider::other, .name = "this S3 service", .default_region = "us-east-1"},
};

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

}  // namespace audiostore
