// An object that goes up part by part while it is being made.
#pragma once

#include "s3/multipart/upload.h"
#include "s3/s3_client.h"

#include <audiostore/object_writer.h>

#include <memory>

namespace audiostore {

/// Keeps what was written until a part is full; full parts go up on threads of the writer's own, and write() waits
/// where as many as may be in flight are. What is no longer than one part is one PUT. `client` must outlive it. Errors:
/// unsupported (conditions, where the service keeps to none at the end of an upload in parts).
Result<std::unique_ptr<ObjectWriter>> make_s3_writer(S3Client& client, const UploadSettings& settings, ObjectKey key,
                                                     PutOptions options);

}  // namespace audiostore
