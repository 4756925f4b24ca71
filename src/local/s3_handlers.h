// The S3 operations, one function each. They are called with a verified request and write the whole response, or
// return an Error before the response has begun.
#pragma once

#include "local/s3_request.h"

#include <audiostore/error.h>

namespace audiostore::local {

using S3Handler = Result<void> (*)(const S3Request&, S3Responder&);

// bucket_handlers.cc
Result<void> list_buckets(const S3Request& request, S3Responder& responder);
Result<void> head_bucket(const S3Request& request, S3Responder& responder);
Result<void> create_bucket(const S3Request& request, S3Responder& responder);
Result<void> get_bucket_versioning(const S3Request& request, S3Responder& responder);
Result<void> get_bucket_location(const S3Request& request, S3Responder& responder);
Result<void> delete_objects(const S3Request& request, S3Responder& responder);

// settings_handlers.cc
Result<void> get_bucket_cors(const S3Request& request, S3Responder& responder);
Result<void> put_bucket_cors(const S3Request& request, S3Responder& responder);
Result<void> delete_bucket_cors(const S3Request& request, S3Responder& responder);
Result<void> get_bucket_lifecycle(const S3Request& request, S3Responder& responder);
Result<void> put_bucket_lifecycle(const S3Request& request, S3Responder& responder);
Result<void> delete_bucket_lifecycle(const S3Request& request, S3Responder& responder);

// list_handlers.cc
Result<void> list_objects_v1(const S3Request& request, S3Responder& responder);
Result<void> list_objects_v2(const S3Request& request, S3Responder& responder);
Result<void> list_versions(const S3Request& request, S3Responder& responder);

// tag_handlers.cc
Result<void> get_object_tags(const S3Request& request, S3Responder& responder);
Result<void> put_object_tags(const S3Request& request, S3Responder& responder);
Result<void> delete_object_tags(const S3Request& request, S3Responder& responder);

// multipart_handlers.cc
Result<void> create_upload(const S3Request& request, S3Responder& responder);
Result<void> upload_part(const S3Request& request, S3Responder& responder);
Result<void> complete_upload(const S3Request& request, S3Responder& responder);
Result<void> abort_upload(const S3Request& request, S3Responder& responder);

// part_copy_handler.cc
Result<void> upload_part_copy(const S3Request& request, S3Responder& responder);

// multipart_list_handlers.cc
Result<void> list_parts(const S3Request& request, S3Responder& responder);
Result<void> list_uploads(const S3Request& request, S3Responder& responder);

// read_handlers.cc: GetObject and HeadObject
Result<void> read_object(const S3Request& request, S3Responder& responder);

// write_handlers.cc
Result<void> put_object(const S3Request& request, S3Responder& responder);
Result<void> copy_object(const S3Request& request, S3Responder& responder);
Result<void> delete_object(const S3Request& request, S3Responder& responder);

}  // namespace audiostore::local
