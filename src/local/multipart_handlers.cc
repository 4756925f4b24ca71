#include "core/crypto.h"
#include "core/text.h"
#include "local/multipart.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/write_request.h"
#include "local/xml_writer.h"
#include "s3/xml_requests.h"

#include <fmt/format.h>

#include <utility>

namespace audiostore::local {
namespace {

constexpr std::uint64_t max_parts = 10'000;
constexpr std::uint64_t max_complete_bytes = std::uint64_t{4} << 20;

/// Takes the body in as a part. Errors: those of the body and of the disk.
Result<StagedPart> receive_part(const S3Request& request) {
  const auto length = announced_length(request.incoming, request.promise, max_request_bytes(request));
  if (!length) return length.error();
  auto bytes = request.bucket.uploads.reserve(*length);
  if (!bytes) return std::move(bytes).error();
  Md5 hash;
  auto read = request.read_body([&](ByteSpan piece) {
    hash.update(piece);
    return (*bytes)->append(piece);
  });
  if (!read) return std::move(read).error();
  return StagedPart{.bytes = std::move(*bytes),
                    .etag = fmt::format("\"{}\"", to_hex(hash.finish())),
                    .stored = request.bucket.options.clock->now(),
                    .checksum = std::move(*read)};
}

Result<std::vector<NamedPart>> parts_to_complete(const S3Request& request) {
  const auto body = request.receive_text(max_complete_bytes);
  if (!body) return body.error();
  const auto asked = parse_complete_request(*body);
  if (!asked) return s3_error(S3Code::malformed_xml, asked.error().message());
  std::vector<NamedPart> parts;
  for (const CompletedPart& part : *asked) parts.push_back({part.number, part.etag, part.checksum});
  return parts;
}

/// The checksum that the client wants of every part. Errors: InvalidRequest.
Result<std::optional<ChecksumAlgorithm>> checksum_of_parts(const S3Request& request) {
  const auto name = request.header("x-amz-checksum-algorithm");
  if (!name) return std::optional<ChecksumAlgorithm>();
  if (const auto algorithm = checksum_algorithm(*name)) return algorithm;
  return s3_error(S3Code::invalid_request, "x-amz-checksum-algorithm must be one of S3's.");
}

std::string location(const S3Request& request) {
  return fmt::format("http://{}{}", request.header("host").value_or(""),
                     uri_encode(request.target.path, UriPart::path));
}

}  // namespace

Result<UploadName> named_upload(const S3Request& request) {
  const auto key = parse_key(request.key);
  if (!key) return key.error();
  UploadName name{key->str(), std::string(request.parameter("uploadId").value_or(""))};
  return request.bucket.uploads.expect(name).transform([&] { return std::move(name); });
}

std::string checksum_element(ChecksumAlgorithm algorithm) {
  return fmt::format("Checksum{}", checksum_name(algorithm));
}

Result<int> part_number(const S3Request& request) {
  const auto number = parse_number(request, "partNumber", 1, max_parts, 0);
  if (!number) return number.error();
  if (*number == 0) return s3_error(S3Code::invalid_argument, "partNumber is missing.");
  return static_cast<int>(*number);
}

Result<void> create_upload(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto key = parse_key(request.key);
  if (!key) return key.error();
  auto options = put_options(request);
  if (!options) return std::move(options).error();
  const auto checksum = checksum_of_parts(request);
  if (!checksum) return checksum.error();
  const auto id =
      request.bucket.uploads.begin({*key, std::move(*options), request.bucket.options.clock->now(), *checksum});
  if (!id) return id.error();
  XmlWriter xml("InitiateMultipartUploadResult");
  xml.text("Bucket", request.bucket.options.bucket).text("Key", key->str()).text("UploadId", *id);
  Headers headers = encryption_header(request);
  if (*checksum) headers.push_back({"x-amz-checksum-algorithm", std::string(checksum_name(**checksum))});
  return responder.xml(200, xml.finish(), std::move(headers));
}

Result<void> upload_part(const S3Request& request, S3Responder& responder) {
  if (request.header("x-amz-copy-source")) return upload_part_copy(request, responder);
  const auto number = part_number(request);
  if (!number) return number.error();
  const auto name = named_upload(request);
  if (!name) return name.error();
  auto part = receive_part(request);
  if (!part) return std::move(part).error();
  Headers headers = stored_headers(request, part->etag, part->checksum);
  if (auto added = request.bucket.uploads.add(*name, *number, std::move(*part)); !added) return added;
  return responder.empty(200, std::move(headers));
}

Result<void> complete_upload(const S3Request& request, S3Responder& responder) {
  PutOptions conditions;
  if (auto added = add_conditions(request, conditions); !added) return added;
  const auto name = named_upload(request);
  if (!name) return name.error();
  const auto parts = parts_to_complete(request);
  if (!parts) return parts.error();
  const auto publish = [&](const UploadPlan& plan, const Payload& payload) {
    PutOptions options = plan.options;
    options.mode = conditions.mode;
    options.if_match = conditions.if_match;
    options.call = request.call();
    return store_object(request, plan.key, payload, options);
  };
  const auto stored = request.bucket.uploads.complete(*name, *parts, publish);
  if (!stored) return stored.error();
  XmlWriter xml("CompleteMultipartUploadResult");
  xml.text("Location", location(request)).text("Bucket", request.bucket.options.bucket);
  xml.text("Key", name->key).text("ETag", stored->etag);
  return responder.xml(200, xml.finish());
}

Result<void> abort_upload(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto name = named_upload(request);
  if (!name) return name.error();
  if (auto aborted = request.bucket.uploads.abort(*name); !aborted) return aborted;
  return responder.empty(204);
}

}  // namespace audiostore::local
