#include "core/checksums.h"
#include "core/crypto.h"
#include "core/dates.h"
#include "core/text.h"
#include "local/multipart.h"
#include "local/read_request.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/write_request.h"
#include "local/xml_writer.h"

#include <fmt/format.h>

#include <utility>

namespace audiostore::local {
namespace {

/// On a copy's source every condition that fails is a failed precondition: there is nothing to be "not modified".
Error as_copy_error(Error error) {
  if (error.code() != ErrorCode::not_modified) return error;
  return s3_error(S3Code::precondition_failed, "A condition on the copy's source does not hold.");
}

/// Which bytes of the source to copy. Unlike Range, a range that the source does not have in full is an error.
Result<ByteRange::Slice> slice_to_copy(const S3Request& request, std::uint64_t source_size) {
  const auto header = request.header("x-amz-copy-source-range");
  if (!header) return ByteRange::Slice{0, source_size};
  const auto range = ByteRange::from_header(*header);
  const auto slice = range ? range->resolve(source_size) : Error(ErrorCode::invalid_argument, "no range");
  const bool as_written =
      slice && *header == fmt::format("bytes={}-{}", slice->offset, slice->offset + slice->length - 1);
  if (as_written) return *slice;
  return s3_error(
      S3Code::invalid_argument,
      fmt::format("x-amz-copy-source-range must read bytes=first-last and lie in the {} bytes of the source.",
                  source_size));
}

/// Reads the bytes of exactly this version of the source. Nobody has sent a checksum of them, so it is computed.
Result<StagedPart> copy_part(const S3Request& request, const UploadName& upload, const ObjectKey& source,
                             const ObjectInfo& info, const ByteRange::Slice& slice) {
  const auto algorithm = request.bucket.uploads.checksum(upload);
  if (!algorithm) return algorithm.error();
  auto bytes = request.bucket.uploads.reserve(slice.length);
  if (!bytes) return std::move(bytes).error();
  Md5 hash;
  auto checksum = algorithm->has_value() ? std::optional<Checksum>(**algorithm) : std::nullopt;
  if (slice.length > 0) {
    const GetOptions options{.range = ByteRange::between(slice.offset, slice.offset + slice.length - 1),
                             .conditions = {.if_match = info.etag},
                             .call = request.call()};
    const auto sink = [&](ByteSpan piece) {
      hash.update(piece);
      if (checksum) checksum->update(piece);
      return (*bytes)->append(piece);
    };
    if (auto read = request.bucket.store.get(source, sink, options); !read) return std::move(read).error();
  }
  StagedPart part{.bytes = std::move(*bytes),
                  .etag = fmt::format("\"{}\"", to_hex(hash.finish())),
                  .stored = request.bucket.options.clock->now()};
  if (checksum) part.checksum = StatedChecksum{checksum->algorithm(), checksum->finish()};
  return part;
}

}  // namespace

Result<void> upload_part_copy(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto number = part_number(request);
  if (!number) return number.error();
  const auto name = named_upload(request);
  if (!name) return name.error();
  const auto source = copy_source(request);
  if (!source) return source.error();
  const HeadOptions condition{.conditions = conditions_of(request, "x-amz-copy-source-"), .call = request.call()};
  const auto info = request.bucket.store.head(*source, condition);
  if (!info) return as_copy_error(info.error());
  const auto slice = slice_to_copy(request, info->size);
  if (!slice) return slice.error();
  if (slice->length > max_request_bytes(request)) {
    return s3_error(S3Code::invalid_request, "A part can have at most 5 GiB; give an x-amz-copy-source-range.");
  }
  auto part = copy_part(request, *name, *source, *info, *slice);
  if (!part) return std::move(part).error();
  XmlWriter xml("CopyPartResult");
  xml.text("LastModified", iso_date(part->stored)).text("ETag", part->etag);
  if (part->checksum) xml.text(checksum_element(part->checksum->algorithm), part->checksum->value);
  if (auto added = request.bucket.uploads.add(*name, *number, std::move(*part)); !added) return added;
  return responder.xml(200, xml.finish());
}

}  // namespace audiostore::local
