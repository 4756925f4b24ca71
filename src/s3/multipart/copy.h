// A copy inside the bucket: in one request, or in parts.
#pragma once

#include "s3/s3_client.h"

#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

namespace audiostore {

/// The largest object that one request copies (S3's limit).
inline constexpr std::uint64_t max_single_copy = std::uint64_t{5} << 30;

/// `transfer` for copies: parts whose bytes do not come here are larger, and fewer.
TransferOptions for_copies(TransferOptions transfer);

/// Asks how large the source is only where one request did not do: S3 refuses larger ones. `single` is max_single_copy
/// but in tests. All parts are of one version of the source, by a condition where the service knows it, else by a look
/// before the end. Errors: those of S3Client; unsupported; conflict (the source was replaced meanwhile).
Result<PutResult> copy_object(S3Client& client, const TransferOptions& transfer, std::uint64_t single,
                              const ObjectKey& from, const ObjectKey& to, const CopyOptions& options);

}  // namespace audiostore
