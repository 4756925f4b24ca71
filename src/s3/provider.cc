#include "s3/provider.h"

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

constexpr auto path = AddressingStyle::path;
constexpr auto virtual_host = AddressingStyle::virtual_host;
constexpr std::uint64_t mib5 = std::uint64_t{5} << 20;

// Sources of the rows: docs/PROVIDERS.md. In order: provider, name, host suffix, default region, addressing,
// batch_delete_max, conditional_put, conditional_copy, conditional_complete, multipart_copy, min_part_bytes,
// presign_payload_hash.
constexpr std::array profiles{
    ProviderProfile{S3Provider::aws, "Amazon S3", ".amazonaws.com", "", virtual_host, 1000, true, true, true, true,
                    mib5, false},
    ProviderProfile{S3Provider::r2, "Cloudflare R2", ".r2.cloudflarestorage.com", "auto", path, 700, true, true, true,
                    true, mib5, false},
    ProviderProfile{S3Provider::supabase, "Supabase Storage", ".supabase.co", "", path, 1000, false, false, false, true,
                    mib5, true},
    ProviderProfile{S3Provider::minio, "MinIO", "", "us-east-1", path, 1000, true, true, true, true, mib5, false},
    ProviderProfile{S3Provider::ceph, "Ceph", "", "us-east-1", path, 1000, true, false, false, true, mib5, false},
    ProviderProfile{S3Provider::b2, "Backblaze B2", ".backblazeb2.com", "", path, 1000, false, false, false, true, mib5,
                    false},
    ProviderProfile{S3Provider::wasabi, "Wasabi", ".wasabisys.com", "", virtual_host, 1000, false, false, false, true,
                    mib5, false},
    ProviderProfile{S3Provider::spaces, "DigitalOcean Spaces", ".digitaloceanspaces.com", "us-east-1", virtual_host,
                    1000, false, false, false, true, mib5, false},
    ProviderProfile{S3Provider::gcs, "Google Cloud Storage", "storage.googleapis.com", "auto", path, 1000, false, false,
                    false, false, mib5, false},
    ProviderProfile{S3Provider::local, "audiostore's LocalEndpoint", "", "us-east-1", path, 1000, true, true, true,
                    true, 1, false},
    ProviderProfile{S3Provider::other, "this S3 service", "", "us-east-1", path, 1000, false, false, false, true, mib5,
                    false},
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
