#include "local/request_body.h"

#include "core/crypto.h"
#include "core/text.h"
#include "local/s3_error.h"
#include "local/spool_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace audiostore::local {
namespace {

constexpr std::uint64_t memory_limit = std::uint64_t{1} << 20;
constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

/// Computes the digests that were promised, and no others.
class DigestCheck {
 public:
  explicit DigestCheck(const BodyPromise& promise) : promise_(promise) {
    if (promise.checksum) checksum_.emplace(promise.checksum->algorithm);
    if (promise.in_trailer) checksum_.emplace(*promise.in_trailer);
  }

  void update(ByteSpan bytes) {
    if (promise_.sha256) sha256_.update(bytes);
    if (promise_.md5) md5_.update(bytes);
    if (checksum_) checksum_->update(bytes);
  }

  /// Errors: XAmzContentSHA256Mismatch, BadDigest, MalformedTrailerError (a trailer that is not the announced one).
  Result<std::optional<StatedChecksum>> finish(const Headers& trailer = {}) {
    if (promise_.sha256 && to_hex(sha256_.finish()) != *promise_.sha256) {
      return s3_error(S3Code::x_amz_content_sha256_mismatch, "The body is not the one whose SHA-256 was signed.");
    }
    if (promise_.md5 && !std::ranges::equal(md5_.finish(), as_bytes(*promise_.md5))) {
      return s3_error(S3Code::bad_digest, "The body is not the one whose Content-MD5 was sent.");
    }
    if (!checksum_) return std::optional<StatedChecksum>();
    const StatedChecksum computed{checksum_->algorithm(), checksum_->finish()};
    const auto stated = stated_value(trailer);
    if (!stated) return stated.error();
    if (*stated == computed.value) return std::optional(computed);
    return s3_error(S3Code::bad_digest,
                    fmt::format("The {} that was sent is not the one of the body.", checksum_name(computed.algorithm)));
  }

 private:
  [[nodiscard]] Result<std::string> stated_value(const Headers& trailer) const {
    if (promise_.checksum) return promise_.checksum->value;
    const bool announced = trailer.size() == 1 && trailer.front().name == checksum_header(*promise_.in_trailer);
    if (announced) return trailer.front().value;
    return s3_error(S3Code::malformed_trailer, "The trailer is not the one that x-amz-trailer announces.");
  }

  const BodyPromise& promise_;
  Sha256 sha256_;
  Md5 md5_;
  std::optional<Checksum> checksum_;
};

Result<void> read_raw(IncomingRequest& request, const ByteSink& sink) {
  std::vector<std::byte> piece(piece_bytes);
  for (;;) {
    const auto got = request.read_body(piece);
    if (!got) return got.error();
    if (*got == 0) return {};
    if (auto taken = sink(ByteSpan(piece).first(*got)); !taken) return taken;
  }
}

Result<Headers> read_chunks(IncomingRequest& request, const ChunkedBody& chunks, const ByteSink& sink) {
  ChunkDecoder decoder(chunks.framing, chunks.length);
  auto read = read_raw(request, [&](ByteSpan piece) { return decoder.feed(piece, sink); });
  if (!read) return std::move(read).error();
  return decoder.finish();
}

Result<ReceivedBody> receive_in_memory(IncomingRequest& request, const BodyPromise& promise, std::size_t length) {
  std::string bytes;
  bytes.reserve(length);
  auto read = read_body(request, promise, [&](ByteSpan piece) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  });
  if (!read) return std::move(read).error();
  return ReceivedBody{Payload::from_string(std::move(bytes)), std::move(*read)};
}

Result<ReceivedBody> receive_in_file(IncomingRequest& request, const BodyPromise& promise) {
  auto file = SpoolFile::create();
  if (!file) return std::move(file).error();
  auto read = read_body(request, promise, [&](ByteSpan piece) { return file->append(piece); });
  if (!read) return std::move(read).error();
  return ReceivedBody{std::move(*file).finish(), std::move(*read)};
}

}  // namespace

Result<std::uint64_t> announced_length(const IncomingRequest& request, const BodyPromise& promise,
                                       std::uint64_t limit) {
  if (!request.content_length && !request.is_chunked) {
    return s3_error(S3Code::missing_content_length, "Send a Content-Length.");
  }
  const std::uint64_t length = promise.chunks ? promise.chunks->length : request.content_length.value_or(0);
  if (length <= limit) return length;
  return s3_error(S3Code::entity_too_large, fmt::format("The body has {} bytes, at most {} are taken.", length, limit));
}

Result<std::optional<StatedChecksum>> read_body(IncomingRequest& request, const BodyPromise& promise,
                                                const ByteSink& sink) {
  DigestCheck digests(promise);
  const auto checking = [&](ByteSpan bytes) {
    digests.update(bytes);
    return sink(bytes);
  };
  if (promise.chunks) {
    const auto trailer = read_chunks(request, *promise.chunks, checking);
    if (!trailer) return trailer.error();
    return digests.finish(*trailer);
  }
  if (auto read = read_raw(request, checking); !read) return std::move(read).error();
  return digests.finish();
}

Result<ReceivedBody> receive_body(IncomingRequest& request, const BodyPromise& promise, std::uint64_t limit) {
  const auto length = announced_length(request, promise, limit);
  if (!length) return length.error();
  if (*length > memory_limit) return receive_in_file(request, promise);
  return receive_in_memory(request, promise, static_cast<std::size_t>(*length));
}

Result<void> expect_no_body(const IncomingRequest& request, const BodyPromise& promise) {
  if (request.content_length.value_or(0) != 0 || promise.chunks) {
    return s3_error(S3Code::invalid_request, "This request takes no body.");
  }
  return DigestCheck(promise).finish().transform([](const auto&) {});
}

}  // namespace audiostore::local
