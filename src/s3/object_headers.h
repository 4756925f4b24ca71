// An object's attributes as header fields, and a response's header fields as what is known of an object.
#pragma once

#include <audiostore/http.h>
#include <audiostore/object_store.h>

#include <cstddef>
#include <string_view>

namespace audiostore {

inline constexpr std::string_view metadata_prefix = "x-amz-meta-";
inline constexpr std::size_t max_metadata_bytes = 2048;  ///< S3's limit for names without the prefix, and values

/// Metadata of our own, which no caller sees: by it a conditional put knows its object again.
inline constexpr std::string_view mark_header = "x-amz-meta-audiostore-upload";

/// Metadata of our own: the SHA-256 of the object, in lower-case hex.
inline constexpr std::string_view sha256_header = "x-amz-meta-audiostore-sha256";

/// What S3 counts of the metadata in `headers`: names without their prefix, and values.
std::size_t metadata_bytes(const Headers& headers);

/// Content-Type, Content-Disposition, Cache-Control and x-amz-meta-*; empty attributes have no field, and a SHA-256 is
/// never the caller's.
Headers attribute_headers(const ObjectAttributes& attributes);

/// If-Match and its kin.
Headers condition_headers(const Conditions& conditions);

/// What the response to a GET (of `range`) or HEAD says. Errors: corrupt when it has no length or ETag, when the range
/// is not the one that was asked for, when 200 answers a range, or when the ETag is none. An attribute whose value
/// holds a control character is left out: the bytes of the object are worth more than its odd label.
Result<ObjectInfo> object_info(const HttpResponse& response, std::string_view key,
                               const std::optional<ByteRange>& range);

/// The ETag field of a response, quoted. Errors: corrupt where there is none, or quoted_etag() refuses it.
Result<std::string> etag_of(const HttpResponse& response);

}  // namespace audiostore
