// A copy inside the bucket: in one request, or in parts.
#pragma once

#include "s3/s3_client.h"

#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

namespace audiostore {

/// The largest object that one request copies (S3's limit).
inline constexpr std::uint64_t max_single_copy = std::uint64_t{5} << 30;

/// Asks how large the source is only where one request did not do: S3 refuses larger ones. `single` is max_single_copy
/// but in tests. Errors: those of S3Client; unsupported.
Result<PutResult> copy_object(S3Client& client, const TransferOptions& transfer, std::uint64_t single,
                              const ObjectKey& from, const ObjectKey& to, const CopyOptions& options);

}  // namespace audiostore
