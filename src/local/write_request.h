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

/// The class that x-amz-storage-class names. Errors: InvalidStorageClass, NotImplemented where the store has none.
Result<std::string> storage_class_of(const S3Request& request);

/// What the headers say of an object that is about to be stored, but for the conditions: attributes, tags, storage
/// class. Errors: those of check_storage, attributes_of, storage_class_of and parse_tagging.
Result<PutOptions> put_options(const S3Request& request);

/// Adds If-None-Match and If-Match. Errors: NotImplemented for what S3 does not take there, or the store does not.
Result<void> add_conditions(const S3Request& request, PutOptions& options);

/// Stores the object. Errors: those of the store; NoSuchKey where If-Match names an object that is not there, as on S3.
Result<PutResult> store_object(const S3Request& request, const ObjectKey& key, const Payload& payload,
                               const PutOptions& options);

/// What tells a client how its object is stored: encrypted, if it asked for that.
Headers encryption_header(const S3Request& request);

/// What tells a client what was stored: its ETag, the checksum that it was verified by, and how.
Headers stored_headers(const S3Request& request, const std::string& etag,
                       const std::optional<StatedChecksum>& checksum);

/// The key that x-amz-copy-source names: "bucket/key" or "/bucket/key", percent-encoded. REQUIRES: the header is there.
/// Errors: NoSuchBucket, InvalidArgument, NotImplemented (versions).
Result<ObjectKey> copy_source(const S3Request& request);

}  // namespace audiostore::local
