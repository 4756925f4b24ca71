// An object that is put together at the service from parts, which several threads bring there.
#pragma once

#include "s3/multipart/upload_requests.h"

#include <audiostore/call_options.h>
#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace audiostore {

/// What is to be put together.
struct MultipartJob {
  ObjectKey key;
  std::uint64_t size = 0;
  Headers headers = {};     ///< what describes the object
  Headers conditions = {};  ///< that must hold when it is published
  /// Brings one part to the service, on a thread of the job's. Several are called at once.
  std::function<Result<UploadedPart>(const UploadTarget&, int number, ByteRange::Slice, const CallOptions&)> bring;
  CheckpointCallback on_checkpoint = {};
  std::optional<UploadCheckpoint> resume_from = {};
  /// With resume_from: whether the part's bytes are still those that the service has.
  std::function<Result<bool>(const UploadedPart&, ByteRange::Slice)> is_unchanged = {};
};

/// Begins, brings all parts, completes; or leaves nothing behind, but for what a checkpoint is told of. Its threads
/// have ended when it returns. A completion whose reply was lost is looked into: the object carries a mark. Errors:
/// those of the parts and requests; precondition_failed (conditions).
Result<PutResult> put_together(S3Client& client, const TransferOptions& transfer, const MultipartJob& job,
                               const CallOptions& call);

/// Completes an upload that has all its parts. `mark` as in UploadCheckpoint. Errors: as put_together().
Result<PutResult> complete_upload(S3Client& client, const UploadTarget& upload, const UploadCheckpoint& parts,
                                  const Headers& conditions, const CallOptions& call);

/// Drops what there is of an upload, also where the call was stopped or its time has run out; what cannot be dropped
/// stays for list_uploads().
void drop_upload(S3Client& client, const UploadTarget& upload);

}  // namespace audiostore
