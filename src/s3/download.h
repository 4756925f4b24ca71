// An object on its way from the service to the caller's sink.
#pragma once

#include "s3/s3_client.h"

#include <audiostore/bytes.h>
#include <audiostore/object_store.h>

namespace audiostore {

/// Feeds the object's bytes, or the range of them, to `sink`: each once and in order, however often the body breaks.
/// What is left is then asked for by Range, and by If-Match with the ETag of the first response; without a strong ETag
/// (RFC 9110, section 8.8.3) nobody can go on. Errors: those of the exchange (s3_client.h), of object_info(), of the
/// sink; precondition_failed where the object was replaced meanwhile, corrupt where the bytes do not have its digest.
Result<ObjectInfo> download(S3Client& client, const ObjectKey& key, const ByteSink& sink, const GetOptions& options);

}  // namespace audiostore
