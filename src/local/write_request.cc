#include "local/write_request.h"

#include "core/text.h"
#include "local/s3_address.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <string>

namespace audiostore::local {
namespace {

constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr std::size_t max_metadata_bytes = 2048;

/// Errors: NotImplemented unless the header is absent or has the value that is the case anyway.
Result<void> check_header(const S3Request& request, std::string_view name, std::string_view only_value) {
  if (request.header(name).value_or(only_value) == only_value) return {};
  return s3_error(S3Code::not_implemented, fmt::format("{} can only be {} here.", name, only_value));
}

/// "aws-chunked" tells how the body is sent, and is no encoding of the object: S3 leaves it out of what it stores.
Result<void> check_encoding(const S3Request& request) {
  const auto encoding = request.header("content-encoding");
  if (request.promise.chunks && encoding && equal_ignoring_case(*encoding, "aws-chunked")) return {};
  return refuse_headers(request, {"content-encoding"});
}

}  // namespace

Result<void> refuse_headers(const S3Request& request, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (!request.header(name)) continue;
    return s3_error(S3Code::not_implemented, fmt::format("The header {} is not implemented for this request.", name));
  }
  return {};
}

Result<void> check_storage(const S3Request& request) {
  return check_encoding(request)
      .and_then([&] {
        return refuse_headers(request, {"content-language", "expires"});
      })
      .and_then([&] { return check_header(request, "x-amz-storage-class", "STANDARD"); })
      .and_then([&] { return check_header(request, "x-amz-acl", "private"); });
}

Result<ObjectAttributes> attributes_of(const S3Request& request) {
  ObjectAttributes attributes;
  if (const auto type = request.header("content-type"); type && !type->empty()) attributes.content_type = *type;
  attributes.content_disposition = request.header("content-disposition").value_or("");
  attributes.cache_control = request.header("cache-control").value_or("");
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.incoming.head.headers) {
    const std::string lower = to_lower(name);
    if (!lower.starts_with(metadata_prefix)) continue;
    bytes += lower.size() - metadata_prefix.size() + value.size();
    attributes.metadata[lower.substr(metadata_prefix.size())] = value;
  }
  if (bytes <= max_metadata_bytes) return attributes;
  return s3_error(S3Code::metadata_too_large, "The metadata has more than 2,048 bytes.");
}

Headers stored_headers(const std::string& etag, const std::optional<StatedChecksum>& checksum) {
  Headers headers{{"ETag", etag}};
  if (checksum) headers.push_back({std::string(checksum_header(checksum->algorithm)), checksum->value});
  return headers;
}

Result<PutMode> put_mode(const S3Request& request) {
  const auto none_match = request.header("if-none-match");
  if (!none_match) return PutMode::overwrite;
  if (*none_match == "*") return PutMode::create;
  return s3_error(S3Code::not_implemented, "If-None-Match can only be * here.");
}

Result<ObjectKey> copy_source(const S3Request& request) {
  const std::string_view text = *request.header("x-amz-copy-source");
  if (text.find('?') != std::string_view::npos) {
    return s3_error(S3Code::not_implemented, "Versions of a copy's source are not implemented.");
  }
  const auto path = uri_decode(text);
  if (!path) return s3_error(S3Code::invalid_argument, "x-amz-copy-source is not percent-encoded.");
  const std::string absolute = path->starts_with('/') ? *path : "/" + *path;
  const S3Address source = s3_address("localhost", absolute, {});
  if (source.bucket != request.bucket.options.bucket) {
    return s3_error(S3Code::no_such_bucket, "The bucket of the copy's source does not exist.");
  }
  return parse_key(source.key);
}

}  // namespace audiostore::local
