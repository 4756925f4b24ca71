// S3's error codes: made where a request is refused, written where the reply is.
#pragma once

#include <audiostore/error.h>

#include <string>
#include <string_view>

namespace audiostore::local {

/// The codes that this server answers with (AWS's "Error responses" of the S3 API reference).
enum class S3Code {
  access_denied,
  access_forbidden,  // CORS
  authorization_header_malformed,
  authorization_query_parameters_error,
  bad_digest,
  bad_request,
  bucket_already_owned_by_you,
  entity_too_large,
  entity_too_small,
  expired_token,
  incomplete_body,
  incorrect_number_of_files,
  insufficient_storage,
  internal_error,
  invalid_access_key_id,
  invalid_argument,
  invalid_chunk_size,
  invalid_digest,
  invalid_location_constraint,
  invalid_part,
  invalid_part_number,
  invalid_part_order,
  invalid_policy_document,
  invalid_range,
  invalid_request,
  invalid_storage_class,
  invalid_tag,
  invalid_token,
  invalid_uri,
  key_too_long,
  malformed_post_request,
  malformed_trailer,
  malformed_xml,
  max_post_pre_data_length_exceeded,
  metadata_too_large,
  method_not_allowed,
  missing_content_length,
  no_such_bucket,
  no_such_cors_configuration,
  no_such_key,
  no_such_lifecycle_configuration,
  no_such_upload,
  not_implemented,
  not_modified,
  operation_aborted,
  precondition_failed,
  request_header_section_too_large,
  request_time_too_skewed,
  request_timeout,
  service_unavailable,
  signature_does_not_match,
  slow_down,
  x_amz_content_sha256_mismatch,
};

/// An Error that says with which S3 code and HTTP status a request is refused. `message` is sent to the client: no
/// secret, signature or token may be in it.
Error s3_error(S3Code code, std::string_view message);

/// The error to answer with: `error` itself where s3_error() made it, else what a store's error means in S3's terms.
/// Messages of internal errors stay inside.
Error as_s3_error(const Error& error);

/// What an <Error> document says besides the error itself.
struct ErrorContext {
  std::string resource;
  std::string request_id;
  std::string region;  ///< written where the error is about the region
};

/// The <Error> document. REQUIRES: `error` comes from as_s3_error().
std::string error_document(const Error& error, const ErrorContext& context);

}  // namespace audiostore::local
