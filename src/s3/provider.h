// What the S3 services do differently: one row a provider.
#pragma once

#include <audiostore/s3_store.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audiostore {

/// One provider's row. What is not in a row is the same everywhere: no checksum header, no aws-chunked, no Expect and
/// no Accept-Encoding is ever sent, and DeleteObjects always carries Content-MD5.
struct ProviderProfile {
  S3Provider provider;
  std::string_view name;            ///< for messages
  std::string_view host_suffix;     ///< an endpoint whose host ends so is theirs; empty if hosts do not tell
  std::string_view default_region;  ///< empty: the caller must say
  AddressingStyle addressing;       ///< what `automatic` means
  std::size_t batch_delete_max;     ///< keys that one DeleteObjects request can take
  bool conditional_put;             ///< If-None-Match: * on a PUT is honoured, not ignored or refused
  bool conditional_copy;            ///< x-amz-copy-source-if-match is honoured
  bool conditional_complete;        ///< If-None-Match: * is honoured where an upload in parts is completed
  bool multipart_copy;              ///< UploadPartCopy
  std::uint64_t min_part_bytes;     ///< of every part but the last
  bool presign_payload_hash;        ///< presigned requests other than GET must say X-Amz-Content-Sha256 in the query
};

const ProviderProfile& profile_of(S3Provider provider);

/// The provider whose endpoint `host` is; S3Provider::other where no row knows it.
S3Provider provider_of_host(std::string_view host);

}  // namespace audiostore
