// A payload on its way to the service: in one request, or in parts.
#pragma once

#include "s3/integrity.h"
#include "s3/s3_client.h"

#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

namespace audiostore {

/// What all uploads of a store have in common.
struct UploadSettings {
  TransferOptions transfer;
  UploadIntegrity integrity;
};

/// Errors: those of S3Client and of the payload; already_exists, too_large, unsupported, invalid_argument (a checkpoint
/// of another payload).
Result<PutResult> upload(S3Client& client, const UploadSettings& settings, const ObjectKey& key, const Payload& payload,
                         const PutOptions& options);

}  // namespace audiostore
