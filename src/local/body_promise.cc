#include "local/body_promise.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace audiostore::local {
namespace {

using enum ChecksumAlgorithm;
constexpr std::array algorithms{crc32, crc32c, crc64nvme, sha1, sha256};

Result<std::optional<std::string>> stated_md5(const Headers& headers) {
  const auto field = find_header(headers, "content-md5");
  if (!field) return std::optional<std::string>();
  auto md5 = from_base64(*field);
  if (md5 && md5->size() == std::tuple_size_v<Md5Digest>) return md5;
  return s3_error(S3Code::invalid_digest, "Content-MD5 must be the base64 of 16 bytes.");
}

Result<StatedChecksum> parse_checksum(ChecksumAlgorithm algorithm, std::string_view value) {
  const auto bytes = from_base64(value);
  if (bytes && bytes->size() == checksum_bytes(algorithm)) return StatedChecksum{algorithm, std::string(value)};
  return s3_error(S3Code::invalid_request, fmt::format("Value for {} header is invalid.", checksum_header(algorithm)));
}

Error several_checksums() {
  return s3_error(S3Code::invalid_request,
                  "Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed.");
}

Result<std::optional<StatedChecksum>> stated_checksum(const Headers& headers) {
  std::optional<StatedChecksum> found;
  for (const ChecksumAlgorithm algorithm : algorithms) {
    const auto field = find_header(headers, checksum_header(algorithm));
    if (!field) continue;
    if (found) return several_checksums();
    auto checksum = parse_checksum(algorithm, *field);
    if (!checksum) return std::move(checksum).error();
    found = std::move(*checksum);
  }
  return found;
}

/// Which checksum x-amz-trailer announces: S3 knows no other trailers.
Result<ChecksumAlgorithm> announced_trailer(const Headers& headers) {
  const auto field = find_header(headers, "x-amz-trailer");
  if (!field) return s3_error(S3Code::malformed_trailer, "Name the trailer's checksum in x-amz-trailer.");
  for (const ChecksumAlgorithm algorithm : algorithms) {
    if (equal_ignoring_case(*field, checksum_header(algorithm))) return algorithm;
  }
  return s3_error(S3Code::invalid_request, "x-amz-trailer must name one x-amz-checksum- header.");
}

Result<std::uint64_t> decoded_length(const Headers& headers) {
  const auto field = find_header(headers, "x-amz-decoded-content-length");
  if (!field) return s3_error(S3Code::missing_content_length, "Send an x-amz-decoded-content-length.");
  if (const auto length = parse_decimal(*field)) return *length;
  return s3_error(S3Code::invalid_argument, "x-amz-decoded-content-length is no number.");
}

/// Errors: the headers that only a body in chunks has, without one.
Result<void> expect_plain(const Headers& headers) {
  for (const std::string_view name : {"x-amz-trailer", "x-amz-decoded-content-length"}) {
    if (!find_header(headers, name)) continue;
    return s3_error(S3Code::invalid_request, fmt::format("{} needs a body in chunks, see x-amz-content-sha256.", name));
  }
  return {};
}

Result<void> add_chunks(BodyPromise& promise, const Headers& headers, ChunkFraming framing) {
  const auto length = decoded_length(headers);
  if (!length) return length.error();
  if (framing.has_trailer) {
    const auto algorithm = announced_trailer(headers);
    if (!algorithm) return algorithm.error();
    if (promise.checksum) return several_checksums();
    promise.in_trailer = *algorithm;
  } else if (find_header(headers, "x-amz-trailer")) {
    return s3_error(S3Code::invalid_request, "x-amz-trailer needs a STREAMING-...-TRAILER in x-amz-content-sha256.");
  }
  promise.chunks = ChunkedBody{std::move(framing), *length};
  return {};
}

/// A client that says that it computes a checksum must send it.
Result<void> check_sdk_algorithm(const BodyPromise& promise, const Headers& headers) {
  const auto field = find_header(headers, "x-amz-sdk-checksum-algorithm");
  if (!field) return {};
  const auto algorithm = checksum_algorithm(*field);
  if (!algorithm) {
    return s3_error(S3Code::invalid_request, "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  if (promise.in_trailer == *algorithm || (promise.checksum && promise.checksum->algorithm == *algorithm)) return {};
  return s3_error(S3Code::invalid_request,
                  "x-amz-sdk-checksum-algorithm is given, but no x-amz-checksum- header or trailer of that name.");
}

}  // namespace

Result<BodyPromise> body_promise(const Headers& headers, VerifiedRequest verified) {
  auto md5 = stated_md5(headers);
  if (!md5) return std::move(md5).error();
  auto checksum = stated_checksum(headers);
  if (!checksum) return std::move(checksum).error();
  BodyPromise promise{
      .sha256 = std::move(verified.body_sha256), .md5 = std::move(*md5), .checksum = std::move(*checksum)};
  auto framed = verified.chunks ? add_chunks(promise, headers, std::move(*verified.chunks)) : expect_plain(headers);
  auto checked = std::move(framed).and_then([&] { return check_sdk_algorithm(promise, headers); });
  return std::move(checked).transform([&] { return std::move(promise); });
}

}  // namespace audiostore::local
