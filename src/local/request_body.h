// Takes a request's body in and checks it against what was promised of it.
#pragma once

#include "local/body_promise.h"
#include "local/http_message.h"

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <cstdint>
#include <optional>

namespace audiostore::local {

/// A body that is the one that was promised.
struct ReceivedBody {
  Payload payload;
  std::optional<StatedChecksum> checksum;  ///< that it was verified by
};

/// The whole body, of at most `limit` bytes. More than 1 MiB goes to a temporary file. Nothing is read where the length
/// alone refuses it. Where it comes in chunks, all of this is about the bytes in them.
/// Errors: S3's MissingContentLength, EntityTooLarge, IncompleteBody, XAmzContentSHA256Mismatch, BadDigest; those of
/// ChunkDecoder, of the connection and of the temporary file.
Result<ReceivedBody> receive_body(IncomingRequest& request, const BodyPromise& promise, std::uint64_t limit);

/// How many bytes the body will have, before any is read. Errors: S3's MissingContentLength, EntityTooLarge.
Result<std::uint64_t> announced_length(const IncomingRequest& request, const BodyPromise& promise, std::uint64_t limit);

/// Feeds the body to `sink`, and checks it at its end: only then the bytes are good. Returns the checksum that it was
/// verified by. Errors: those of receive_body and of the sink.
Result<std::optional<StatedChecksum>> read_body(IncomingRequest& request, const BodyPromise& promise,
                                                const ByteSink& sink);

/// For requests that have no body. Errors: S3's InvalidRequest when there is one, XAmzContentSHA256Mismatch, BadDigest.
Result<void> expect_no_body(const IncomingRequest& request, const BodyPromise& promise);

}  // namespace audiostore::local
