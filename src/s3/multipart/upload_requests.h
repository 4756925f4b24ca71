// The requests of an upload in parts, one function each.
#pragma once

#include "s3/integrity.h"
#include "s3/multipart/multipart_xml.h"
#include "s3/s3_client.h"

#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace audiostore {

/// Which upload.
struct UploadTarget {
  ObjectKey key;
  std::string id;
};

/// An object's bytes somewhere else in the bucket.
struct CopySource {
  ObjectKey key;
  std::string etag;  ///< that it must have, where the service can tell; else empty
};

/// What x-amz-copy-source says for `key`.
std::string copy_source_path(const S3Client& client, const ObjectKey& key);

/// Thread-safe. Errors of all: those of S3Client::exchange(); corrupt for replies that are not what they should be.
class UploadRequests {
 public:
  explicit UploadRequests(S3Client& client) : client_(client) {}

  [[nodiscard]] S3Client& client() const noexcept { return client_; }

  /// CreateMultipartUpload; the id. Cut off before its reply has come, or sent again, it may leave an upload that
  /// nobody knows, for list_uploads() to find: so stop and deadline reach it a moment late.
  Result<std::string> begin(const ObjectKey& key, const Headers& headers, const CallOptions& call);

  /// UploadPart; the ETag.
  Result<std::string> send(const UploadTarget& upload, int number, const Payload& bytes, const BodyProof& proof,
                           const CallOptions& call);

  /// UploadPartCopy; the ETag.
  Result<std::string> copy(const UploadTarget& upload, int number, const CopySource& source, ByteRange::Slice slice,
                           const CallOptions& call);

  /// CompleteMultipartUpload; the ETag, or nothing where the service leaves it out. `conditions` are headers. Errors:
  /// also precondition_failed.
  Result<std::string> complete(const UploadTarget& upload, std::span<const UploadedPart> parts,
                               const Headers& conditions, const CallOptions& call);

  /// AbortMultipartUpload; an upload that is not there is a success.
  Result<void> abort(const UploadTarget& upload, const CallOptions& call);

  /// ListParts, all pages. Errors: also not_found.
  Result<std::vector<StoredPart>> parts(const UploadTarget& upload, const CallOptions& call);

  /// ListMultipartUploads, all pages.
  Result<std::vector<UnfinishedUpload>> uploads(const std::string& prefix, const CallOptions& call);

 private:
  S3Client& client_;
};

}  // namespace audiostore
