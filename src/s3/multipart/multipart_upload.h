// An object that is put together at the service from parts, which several threads bring there.
#pragma once

#include "s3/multipart/upload_requests.h"

#include <audiostore/call_options.h>
#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace audiostore {

/// What is to be put together.
struct MultipartJob {
  ObjectKey key;
  std::uint64_t size = 0;
  Headers headers = {};     ///< what describes the object
  Headers conditions = {};  ///< on what is under the key (write_headers.h)
  /// Brings one part to the service, on a thread of the job's. Several are called at once.
  std::function<Result<UploadedPart>(const UploadTarget&, int number, ByteRange::Slice, const CallOptions&)> bring;
  CheckpointCallback on_checkpoint = {};
  std::optional<UploadCheckpoint> resume_from = {};
  /// With resume_from: whether the part's bytes are still those that the service has. Called as `bring` is.
  std::function<Result<bool>(const UploadedPart&, ByteRange::Slice, const CallOptions&)> is_unchanged = {};
  /// If set, asked when all parts are there: an error ends it before there is an object.
  std::function<Result<void>(const CallOptions&)> before_end = {};
};

/// CreateMultipartUpload for an object of `size` bytes that `headers` describe, with a mark to know it by, and the
/// parts in which it is to come: of `part_size`, or larger where it has to be. Errors: too_large; those of the request.
Result<UploadCheckpoint> begin_upload(S3Client& client, const ObjectKey& key, const Headers& headers,
                                      std::uint64_t size, std::uint64_t part_size, const CallOptions& call);

/// Begins, brings all parts, completes (completion.h); or leaves nothing behind, but for what a checkpoint was told of
/// and can be resumed. Its threads have ended when it returns. Errors: those of the parts and requests.
Result<PutResult> put_together(S3Client& client, const TransferOptions& transfer, const MultipartJob& job,
                               const CallOptions& call);

}  // namespace audiostore
