// What a request's head says of its body.
#pragma once

#include "core/checksums.h"
#include "local/chunk_decoder.h"
#include "local/request_verifier.h"

#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <cstdint>
#include <optional>
#include <string>

namespace audiostore::local {

/// A body in aws-chunked form.
struct ChunkedBody {
  ChunkFraming framing;
  std::uint64_t length;  ///< of the bytes without their framing
};

struct BodyPromise {
  std::optional<std::string> sha256 = {};            ///< lower-case hex
  std::optional<std::string> md5 = {};               ///< the 16 bytes
  std::optional<StatedChecksum> checksum = {};       ///< as a header has it
  std::optional<ChecksumAlgorithm> in_trailer = {};  ///< the checksum that the trailer brings
  std::optional<ChunkedBody> chunks = {};
};

/// Reads Content-MD5, the x-amz-checksum- headers, x-amz-trailer and x-amz-decoded-content-length.
/// Errors: S3's InvalidDigest, InvalidRequest, MissingContentLength, MalformedTrailerError, InvalidArgument.
Result<BodyPromise> body_promise(const Headers& headers, VerifiedRequest verified);

}  // namespace audiostore::local
