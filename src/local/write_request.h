// What the requests that store something have in common. All errors are S3's.
#pragma once

#include "local/s3_request.h"

#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore::local {

/// A header that asks for what is not done here must be refused: to ignore it would lose data or protection.
/// Errors: NotImplemented.
Result<void> refuse_headers(const S3Request& request, std::initializer_list<std::string_view> names);

/// Errors: NotImplemented for headers that ask for another kind of storage than there is.
Result<void> check_storage(const S3Request& request);

/// The attributes that the headers give an object. Errors: MetadataTooLarge.
Result<ObjectAttributes> attributes_of(const S3Request& request);

/// What tells a client what was stored: its ETag, and the checksum that it was verified by.
Headers stored_headers(const std::string& etag, const std::optional<StatedChecksum>& checksum);

/// Errors: NotImplemented for an If-None-Match other than "*".
Result<PutMode> put_mode(const S3Request& request);

/// The key that x-amz-copy-source names: "bucket/key" or "/bucket/key", percent-encoded. REQUIRES: the header is there.
/// Errors: NoSuchBucket, InvalidArgument, NotImplemented (versions).
Result<ObjectKey> copy_source(const S3Request& request);

}  // namespace audiostore::local
