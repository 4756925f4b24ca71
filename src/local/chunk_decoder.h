// Takes a body in aws-chunked form apart.
#pragma once

#include "local/chunk_signatures.h"

#include <audiostore/bytes.h>
#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore::local {

/// How a body in aws-chunked form is made up.
struct ChunkFraming {
  std::optional<ChunkSignatures> signatures = {};  ///< absent: neither chunks nor trailer are signed
  bool has_trailer = false;                        ///< header fields follow the last chunk
};

/// "SIZE[;chunk-signature=SIGNATURE]\r\nBYTES\r\n" repeated, with a SIZE of 0 at the end. Pure: fed with bytes as they
/// come, in pieces of any size.
///
/// Errors are S3's: IncompleteBody (malformed, or of another length than was announced), InvalidChunkSizeError (a chunk
/// below 8 KiB that is not the last), SignatureDoesNotMatch, MalformedTrailerError. After an error it is of no more
/// use.
class ChunkDecoder {
 public:
  /// `length`: of the bytes without their framing.
  ChunkDecoder(ChunkFraming framing, std::uint64_t length) : framing_(std::move(framing)), left_(length) {}

  /// Hands the bytes without their framing to `sink`, ahead of the chunk's signature: they are good only when finish()
  /// says so. Errors: also those of the sink.
  Result<void> feed(ByteSpan bytes, const ByteSink& sink);

  /// To be called at the body's end. The trailer's fields, without its signature; names in lower case, each one once.
  Result<Headers> finish();

 private:
  enum class Place { size, bytes, bytes_end, trailer, end };

  Result<std::size_t> take_line(std::string_view text);
  Result<std::size_t> take_bytes(ByteSpan bytes, const ByteSink& sink);
  Result<std::size_t> take_trailer(std::string_view text);
  Result<void> read_line(std::string_view line);
  Result<void> begin_chunk(std::string_view line);
  Result<void> end_chunk();

  ChunkFraming framing_;
  std::uint64_t left_;  // of the bytes that were announced
  Place place_ = Place::size;
  std::string text_;              // of the line or the trailer that is not whole yet
  std::uint64_t chunk_size_ = 0;  // of the chunk that is being read, or was the last one
  std::uint64_t chunk_left_ = 0;
  bool begun_ = false;  // a chunk has been seen
  std::string signature_;
  Sha256 hash_;
};

}  // namespace audiostore::local
