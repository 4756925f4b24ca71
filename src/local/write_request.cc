#include "local/write_request.h"

#include "core/text.h"
#include "local/object_tags.h"
#include "local/read_request.h"
#include "local/s3_address.h"
#include "local/s3_error.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr std::size_t max_metadata_bytes = 2048;
constexpr std::array<std::string_view, 11> storage_classes{
    "STANDARD",     "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
    "DEEP_ARCHIVE", "GLACIER_IR",         "OUTPOSTS",    "SNOW",       "EXPRESS_ONEZONE"};

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
      .and_then([&] { return check_header(request, "x-amz-server-side-encryption", "AES256"); })
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

Result<std::string> storage_class_of(const S3Request& request) {
  const auto name = request.header("x-amz-storage-class");
  if (!name || *name == standard_storage_class) return std::string();
  if (std::ranges::find(storage_classes, *name) == storage_classes.end()) {
    return s3_error(S3Code::invalid_storage_class, "The storage class you specified is not valid.");
  }
  if (request.bucket.store.capabilities().storage_classes) return std::string(*name);
  return s3_error(S3Code::not_implemented, "The store of this endpoint has no other storage class than STANDARD.");
}

Result<PutOptions> put_options(const S3Request& request) {
  if (auto known = check_storage(request); !known) return std::move(known).error();
  auto attributes = attributes_of(request);
  if (!attributes) return std::move(attributes).error();
  auto storage_class = storage_class_of(request);
  if (!storage_class) return std::move(storage_class).error();
  auto tags = parse_tagging(request.header("x-amz-tagging").value_or(""));
  if (!tags) return std::move(tags).error();
  if (!tags->empty() && !request.bucket.store.capabilities().tags) {
    return s3_error(S3Code::not_implemented, "The store of this endpoint has no tags.");
  }
  return PutOptions{.attributes = std::move(*attributes),
                    .tags = std::move(*tags),
                    .storage_class = std::move(*storage_class),
                    .call = request.call()};
}

Result<void> add_conditions(const S3Request& request, PutOptions& options) {
  const auto none_match = request.header("if-none-match");
  const auto match = request.header("if-match");
  if (none_match && *none_match != "*") {
    return s3_error(S3Code::not_implemented, "If-None-Match can only be * here.");
  }
  if (match && (none_match || !is_strong_etag(quoted(*match)))) {
    return s3_error(S3Code::not_implemented, "If-Match can only be one ETag here, without an If-None-Match.");
  }
  const Capabilities can = request.bucket.store.capabilities();
  if ((none_match && !can.conditional_put) || (match && !can.conditional_replace)) {
    return s3_error(S3Code::not_implemented, "The store of this endpoint does not have this condition.");
  }
  if (none_match) options.mode = PutMode::create;
  if (match) options.if_match = quoted(*match);
  return {};
}

Result<PutResult> store_object(const S3Request& request, const ObjectKey& key, const Payload& payload,
                               const PutOptions& options) {
  auto stored = request.bucket.store.put(key, payload, options);
  if (stored || options.if_match.empty() || stored.error().code() != ErrorCode::precondition_failed) return stored;
  const auto there = request.bucket.store.head(key, {.call = request.call()});
  if (there || there.error().code() != ErrorCode::not_found) return stored;
  return s3_error(S3Code::no_such_key, "There is no object that If-Match could name.");
}

Headers encryption_header(const S3Request& request) {
  constexpr std::string_view name = "x-amz-server-side-encryption";
  const auto value = request.header(name);
  if (!value) return {};
  return {{std::string(name), std::string(*value)}};
}

Headers stored_headers(const S3Request& request, const std::string& etag,
                       const std::optional<StatedChecksum>& checksum) {
  Headers headers = encryption_header(request);
  headers.push_back({"ETag", etag});
  if (checksum) headers.push_back({std::string(checksum_header(checksum->algorithm)), checksum->value});
  return headers;
}

Result<ObjectKey> copy_source(const S3Request& request) {
  constexpr std::string_view null_version = "?versionId=null";  // the only one of a bucket that keeps none
  std::string_view text = *request.header("x-amz-copy-source");
  if (text.ends_with(null_version)) text.remove_suffix(null_version.size());
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
