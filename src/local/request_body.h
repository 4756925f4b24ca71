// Takes a request's body in and checks it against what was promised of it.
#pragma once

#include "local/http_message.h"

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <cstdint>
#include <optional>
#include <string>

namespace audiostore::local {

/// What the request's head says of its body.
struct BodyPromise {
  std::optional<std::string> sha256;  ///< lower-case hex
  std::optional<std::string> md5;     ///< the 16 bytes
};

/// Reads `sha256` and the header Content-MD5. Errors: S3's InvalidDigest.
Result<BodyPromise> body_promise(const Headers& headers, std::optional<std::string> sha256);

/// The whole body, of at most `limit` bytes. More than 1 MiB goes to a temporary file. Nothing is read where the length
/// alone refuses it.
/// Errors: S3's MissingContentLength, EntityTooLarge, IncompleteBody, XAmzContentSHA256Mismatch, BadDigest; those of
/// the connection and of the temporary file.
Result<Payload> receive_body(IncomingRequest& request, const BodyPromise& promise, std::uint64_t limit);

/// How many bytes the body will have, before any is read. Errors: S3's MissingContentLength, EntityTooLarge.
Result<std::uint64_t> announced_length(const IncomingRequest& request, std::uint64_t limit);

/// Feeds the body to `sink`, and checks it at its end: only then the bytes are good. Errors: those of receive_body and
/// of the sink.
Result<void> read_body(IncomingRequest& request, const BodyPromise& promise, const ByteSink& sink);

/// For requests that have no body. Errors: S3's InvalidRequest when there is one, XAmzContentSHA256Mismatch.
Result<void> expect_no_body(const IncomingRequest& request, const BodyPromise& promise);

}  // namespace audiostore::local
