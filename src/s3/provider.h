// What the S3 services do differently: one row a provider.
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_key.h>
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

/// Which characters a service takes in keys, besides those that ObjectKey refuses everywhere.
enum class KeyCharset {
  any,
  supabase,  ///< ASCII letters, digits, blanks and _/!.*'()&$=@;:+,?- only
};

/// One provider's row; what it does not say is "no". What is not in a row is the same everywhere: no aws-chunked, no
/// Expect and no Accept-Encoding is ever sent, DeleteObjects always carries Content-MD5, keys have up to 1,024 bytes
/// and user metadata up to 2,048.
struct ProviderProfile {
  S3Provider provider;
  std::string_view name;                 ///< for messages
  std::string_view host_suffix = {};     ///< an endpoint whose host ends so is theirs; empty: hosts do not tell
  std::string_view default_region = {};  ///< empty: the caller must say
  AddressingStyle addressing = AddressingStyle::path;  ///< what `automatic` means
  KeyCharset key_charset = KeyCharset::any;

  // Conditions that are honoured, not ignored or refused.
  bool conditional_put = false;  ///< If-None-Match: * on PutObject
  ConditionalReplace conditional_replace = ConditionalReplace::no;
  bool conditional_complete = false;  ///< both of them on CompleteMultipartUpload
  bool conditional_copy = false;      ///< x-amz-copy-source-if-match

  std::size_t batch_delete_max = 1000;                    ///< keys that one DeleteObjects request can take
  std::uint64_t min_part_bytes = std::uint64_t{5} << 20;  ///< of every part but the last
  bool multipart_copy = true;                             ///< UploadPartCopy: services without it are few
  bool uploads_encoded_unsaid = false;  ///< ListMultipartUploads URL-encodes keys without an EncodingType
  bool presign_payload_hash = false;  ///< presigned requests other than GET must say X-Amz-Content-Sha256 in the query
  bool presigned_post = false;        ///< browser forms with a signed policy
  bool obeys_unsigned_fields =
      false;  ///< known to obey x-amz-* that a presigned URL did not sign, e.g. a copy's source

  // Digests of objects besides the SHA-256 that is signed.
  bool upload_crc32c = false;     ///< x-amz-checksum-crc32c on PutObject
  bool upload_crc64nvme = false;  ///< x-amz-checksum-crc64nvme on PutObject
  bool part_checksums = false;    ///< both of them on UploadPart, with x-amz-checksum-type: FULL_OBJECT for the whole
  bool checksum_mode = false;     ///< x-amz-checksum-mode on GetObject and HeadObject
  bool etag_is_md5 = false;       ///< of what is put in one request, but for encryption with KMS or the customer's key

  bool tagging = false;          ///< x-amz-tagging and ?tagging
  bool copy_drops_tags = false;  ///< where a copy gets new attributes, though x-amz-tagging-directive is COPY
  bool storage_classes = false;  ///< others than STANDARD by x-amz-storage-class
  bool sse_s3 = false;           ///< x-amz-server-side-encryption: AES256
  bool sse_kms = false;          ///< x-amz-server-side-encryption: aws:kms
  bool sse_c = false;            ///< x-amz-server-side-encryption-customer-*
  bool cors = false;             ///< ?cors of a bucket
  bool lifecycle = false;        ///< ?lifecycle of a bucket
  bool versions = false;         ///< ?versions of a bucket, and removal of one version
  bool removal_hides = false;  ///< an object that is removed stays as a hidden version, whatever the bucket's settings
};

const ProviderProfile& profile_of(S3Provider provider);

/// The provider whose endpoint `host` is; S3Provider::other where no row knows it.
S3Provider provider_of_host(std::string_view host);

/// Errors: invalid_argument, naming provider and character, where the service takes no such key.
Result<void> check_key(const ProviderProfile& profile, const ObjectKey& key);

}  // namespace audiostore
