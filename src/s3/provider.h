// What the S3 services do differently: one row a provider.
#pragma once

#include <audiostore/s3_store.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audiostore {

/// How a PUT asks for the object that it may replace.
enum class ConditionalReplace {
  no,            ///< If-Match is ignored or refused
  by_etag,       ///< If-Match: "etag"
  by_bare_etag,  ///< If-Match: etag; with quotes no object matches
};

/// One provider's row; what it does not say is "no". What is not in a row is the same everywhere: no checksum header,
/// no aws-chunked, no Expect and no Accept-Encoding is ever sent, and DeleteObjects always carries Content-MD5.
struct ProviderProfile {
  S3Provider provider;
  std::string_view name;                 ///< for messages
  std::string_view host_suffix = {};     ///< an endpoint whose host ends so is theirs; empty: hosts do not tell
  std::string_view default_region = {};  ///< empty: the caller must say
  AddressingStyle addressing = AddressingStyle::path;  ///< what `automatic` means
  std::size_t batch_delete_max = 1000;                 ///< keys that one DeleteObjects request can take
  bool conditional_put = false;  ///< If-None-Match: * on a PUT is honoured, not ignored or refused
  ConditionalReplace conditional_replace = ConditionalReplace::no;
  bool conditional_copy = false;      ///< x-amz-copy-source-if-match is honoured
  bool conditional_complete = false;  ///< If-None-Match and If-Match are honoured where an upload in parts is completed
  bool multipart_copy = true;         ///< UploadPartCopy
  std::uint64_t min_part_bytes = std::uint64_t{5} << 20;  ///< of every part but the last
  bool tagging = false;                                   ///< x-amz-tagging and ?tagging
  bool storage_classes = false;                           ///< others than STANDARD by x-amz-storage-class
  bool presign_payload_hash = false;  ///< presigned requests other than GET must say X-Amz-Content-Sha256 in the query
};

const ProviderProfile& profile_of(S3Provider provider);

/// The provider whose endpoint `host` is; S3Provider::other where no row knows it.
S3Provider provider_of_host(std::string_view host);

}  // namespace audiostore
