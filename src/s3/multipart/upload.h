// A payload on its way to the service: in one request, or in parts.
#pragma once

#include "s3/s3_client.h"

#include <audiostore/object_store.h>
#include <audiostore/s3_store.h>
#include <audiostore/transfer.h>

#include <string>

namespace audiostore {

/// What all uploads of a store have in common.
struct UploadSettings {
  TransferOptions transfer;
  PayloadSigning payload_signing = PayloadSigning::sha256;
};

/// What S3Request::payload_hash says for these bytes. Reads them, unless they go unsigned.
Result<std::string> payload_hash(const Payload& payload, PayloadSigning signing, const CallOptions& call);

/// Errors: those of S3Client and of the payload; already_exists, too_large, unsupported, invalid_argument (a checkpoint
/// of another payload).
Result<PutResult> upload(S3Client& client, const UploadSettings& settings, const ObjectKey& key, const Payload& payload,
                         const PutOptions& options);

}  // namespace audiostore
