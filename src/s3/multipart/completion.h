// How an upload in parts ends.
#pragma once

#include "s3/multipart/upload_requests.h"

#include <audiostore/call_options.h>
#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

#include <optional>

namespace audiostore {

/// Completes an upload that has all its parts. Where the reply was lost or says nothing of use, the object under the
/// key tells the truth, by its size and the mark in its metadata. Errors: those of the request;
/// precondition_failed (conditions); conflict (completed, and replaced at once); corrupt; unavailable, not retryable,
/// where the outcome cannot be known.
Result<PutResult> complete_upload(S3Client& client, const UploadTarget& upload, const UploadCheckpoint& state,
                                  const Headers& conditions, const CallOptions& call);

/// The object that `state`'s upload has become; nullopt where there is none, or nobody can tell.
std::optional<PutResult> find_completed(S3Client& client, const ObjectKey& key, const UploadCheckpoint& state,
                                        const CallOptions& call);

/// Drops what there is of an upload that has failed or that nobody wants, and looks whether a part that was under way
/// has outlived the abort: for some seconds at most, and no longer than half a second after the end of `call`, or after
/// it is stopped; without the look where little of it is left. What could not be dropped is found by list_uploads().
/// Errors: those of the request.
Result<void> drop_upload(S3Client& client, const UploadTarget& upload, const CallOptions& call);

}  // namespace audiostore
