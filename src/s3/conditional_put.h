// A conditional PUT that is repeated: its own first success makes its condition fail.
#pragma once

#include "s3/object_headers.h"
#include "s3/s3_client.h"

#include <cstddef>

namespace audiostore {

inline constexpr std::size_t mark_bytes = 16;  ///< random ones
/// What the mark takes of the metadata.
inline constexpr std::size_t mark_metadata_bytes = mark_header.size() - metadata_prefix.size() + 2 * mark_bytes;

/// True for a PUT of an object that depends on what is under the key.
bool is_conditional_put(const S3Request& request);

/// `request` with a random mark in its metadata, by which its object can be told from anybody else's, as far as the
/// limit of 2,048 bytes of metadata leaves room for it; a mark that it has already stays. Errors: internal.
Result<S3Request> with_mark(S3Request request);

/// The truth about `request`, a repeated conditional PUT that got `refusal`, precondition_failed: what is under its key
/// now, says `head`. Its reply where it is the object of this very request. Errors: `refusal` where it is another
/// one's; conflict where it is gone again; unavailable, not retryable, where it cannot be known.
Result<S3Reply> settle_put(const S3Request& request, const Error& refusal, Result<S3Reply> head);

}  // namespace audiostore
