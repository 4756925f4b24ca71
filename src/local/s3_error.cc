#include "local/s3_error.h"

#include "local/xml_writer.h"

#include <algorithm>
#include <array>

namespace audiostore::local {
namespace {

struct Row {
  S3Code code;
  std::string_view name;
  int status;
  ErrorCode meaning;
};

using enum ErrorCode;
constexpr std::array rows{
    Row{S3Code::access_denied, "AccessDenied", 403, permission_denied},
    Row{S3Code::access_forbidden, "AccessForbidden", 403, permission_denied},
    Row{S3Code::authorization_header_malformed, "AuthorizationHeaderMalformed", 400, invalid_argument},
    Row{S3Code::authorization_query_parameters_error, "AuthorizationQueryParametersError", 400, invalid_argument},
    Row{S3Code::bad_digest, "BadDigest", 400, corrupt},
    Row{S3Code::bad_request, "BadRequest", 400, invalid_argument},
    Row{S3Code::bucket_already_owned_by_you, "BucketAlreadyOwnedByYou", 409, already_exists},
    Row{S3Code::entity_too_large, "EntityTooLarge", 400, too_large},
    Row{S3Code::entity_too_small, "EntityTooSmall", 400, invalid_argument},
    Row{S3Code::expired_token, "ExpiredToken", 400, unauthenticated},
    Row{S3Code::incomplete_body, "IncompleteBody", 400, corrupt},
    Row{S3Code::incorrect_number_of_files, "IncorrectNumberOfFilesInPostRequest", 400, invalid_argument},
    Row{S3Code::insufficient_storage, "InsufficientStorage", 507, no_space},
    Row{S3Code::internal_error, "InternalError", 500, internal},
    Row{S3Code::invalid_access_key_id, "InvalidAccessKeyId", 403, unauthenticated},
    Row{S3Code::invalid_argument, "InvalidArgument", 400, invalid_argument},
    Row{S3Code::invalid_chunk_size, "InvalidChunkSizeError", 403, invalid_argument},
    Row{S3Code::invalid_digest, "InvalidDigest", 400, invalid_argument},
    Row{S3Code::invalid_location_constraint, "InvalidLocationConstraint", 400, invalid_argument},
    Row{S3Code::invalid_part, "InvalidPart", 400, invalid_argument},
    Row{S3Code::invalid_part_number, "InvalidPartNumber", 416, range_not_satisfiable},
    Row{S3Code::invalid_part_order, "InvalidPartOrder", 400, invalid_argument},
    Row{S3Code::invalid_policy_document, "InvalidPolicyDocument", 400, invalid_argument},
    Row{S3Code::invalid_range, "InvalidRange", 416, range_not_satisfiable},
    Row{S3Code::invalid_request, "InvalidRequest", 400, invalid_argument},
    Row{S3Code::invalid_storage_class, "InvalidStorageClass", 400, invalid_argument},
    Row{S3Code::invalid_tag, "InvalidTag", 400, invalid_argument},
    Row{S3Code::invalid_token, "InvalidToken", 400, unauthenticated},
    Row{S3Code::invalid_uri, "InvalidURI", 400, invalid_argument},
    Row{S3Code::key_too_long, "KeyTooLongError", 400, invalid_argument},
    Row{S3Code::malformed_post_request, "MalformedPOSTRequest", 400, invalid_argument},
    Row{S3Code::malformed_trailer, "MalformedTrailerError", 400, invalid_argument},
    Row{S3Code::malformed_xml, "MalformedXML", 400, invalid_argument},
    Row{S3Code::max_post_pre_data_length_exceeded, "MaxPostPreDataLengthExceededError", 400, too_large},
    Row{S3Code::metadata_too_large, "MetadataTooLarge", 400, invalid_argument},
    Row{S3Code::method_not_allowed, "MethodNotAllowed", 405, unsupported},
    Row{S3Code::missing_content_length, "MissingContentLength", 411, invalid_argument},
    Row{S3Code::no_such_bucket, "NoSuchBucket", 404, not_found},
    Row{S3Code::no_such_cors_configuration, "NoSuchCORSConfiguration", 404, not_found},
    Row{S3Code::no_such_key, "NoSuchKey", 404, not_found},
    Row{S3Code::no_such_lifecycle_configuration, "NoSuchLifecycleConfiguration", 404, not_found},
    Row{S3Code::no_such_upload, "NoSuchUpload", 404, not_found},
    Row{S3Code::not_implemented, "NotImplemented", 501, unsupported},
    Row{S3Code::not_modified, "NotModified", 304, not_modified},
    Row{S3Code::operation_aborted, "OperationAborted", 409, conflict},
    Row{S3Code::precondition_failed, "PreconditionFailed", 412, precondition_failed},
    Row{S3Code::request_header_section_too_large, "RequestHeaderSectionTooLarge", 400, too_large},
    Row{S3Code::request_time_too_skewed, "RequestTimeTooSkewed", 403, unauthenticated},
    Row{S3Code::request_timeout, "RequestTimeout", 400, timed_out},
    Row{S3Code::service_unavailable, "ServiceUnavailable", 503, unavailable},
    Row{S3Code::signature_does_not_match, "SignatureDoesNotMatch", 403, unauthenticated},
    Row{S3Code::slow_down, "SlowDown", 503, rate_limited},
    Row{S3Code::x_amz_content_sha256_mismatch, "XAmzContentSHA256Mismatch", 400, corrupt},
};

constexpr bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].code != static_cast<S3Code>(i)) return false;
  }
  return rows.size() == static_cast<std::size_t>(S3Code::x_amz_content_sha256_mismatch) + 1;
}
static_assert(rows_follow_the_enum());

/// A store behind this server may itself be a client of S3, so having a status does not mean that we gave it.
bool is_ours(const Error& error) {
  return std::ranges::any_of(
      rows, [&](const Row& row) { return row.name == error.service_code() && row.status == error.http_status(); });
}

/// How a store's own error looks from outside.
S3Code s3_code_of(ErrorCode code) {
  switch (code) {
    case invalid_argument: return S3Code::invalid_argument;
    case not_found: return S3Code::no_such_key;
    case not_modified: return S3Code::not_modified;
    case already_exists:
    case precondition_failed: return S3Code::precondition_failed;
    case conflict: return S3Code::operation_aborted;
    case permission_denied: return S3Code::access_denied;
    case too_large: return S3Code::entity_too_large;
    case range_not_satisfiable: return S3Code::invalid_range;
    case rate_limited: return S3Code::slow_down;
    case unavailable:
    case timed_out:
    case cancelled: return S3Code::service_unavailable;
    case unsupported: return S3Code::not_implemented;
    case no_space: return S3Code::insufficient_storage;
    case unauthenticated:
    case unsupported_media_type:
    case corrupt:
    case internal: return S3Code::internal_error;
  }
  return S3Code::internal_error;
}

}  // namespace

Error s3_error(S3Code code, std::string_view message) {
  const Row& row = rows[static_cast<std::size_t>(code)];
  return Error(row.meaning, message).with_http_status(row.status).with_service_code(row.name);
}

Error as_s3_error(const Error& error) {
  if (is_ours(error)) return error;
  const S3Code code = s3_code_of(error.code());
  if (code == S3Code::internal_error) return s3_error(code, "The store failed. Repeat the request.");
  return s3_error(code, error.message());
}

std::string error_document(const Error& error, const ErrorContext& context) {
  XmlWriter xml("Error", "");
  xml.text("Code", error.service_code()).text("Message", error.message());
  const bool about_region = error.service_code() == "AuthorizationHeaderMalformed" ||
                            error.service_code() == "AuthorizationQueryParametersError";
  if (about_region) xml.text("Region", context.region);
  xml.text("Resource", context.resource).text("RequestId", context.request_id);
  return xml.finish();
}

}  // namespace audiostore::local
