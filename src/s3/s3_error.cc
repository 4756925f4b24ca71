#include "s3/s3_error.h"

#include "core/text.h"
#include "s3/retry_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

/// What a code means, and what the person who reads it can do.
struct Meaning {
  std::string_view service_code;
  ErrorCode code;
  std::string_view advice;
};

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
constexpr std::array meanings{
    Meaning{"NoSuchKey", ErrorCode::not_found, "there is no object under this key"},
    Meaning{"NoSuchBucket", ErrorCode::not_found, "the bucket does not exist; check its name, region and endpoint"},
    Meaning{"NoSuchUpload", ErrorCode::not_found, "the multipart upload does not exist any more"},
    Meaning{"AccessDenied", ErrorCode::permission_denied, "the credentials may not do this; check the access policy"},
    Meaning{"AllAccessDisabled", ErrorCode::permission_denied, "all access to the bucket is disabled"},
    Meaning{"InvalidAccessKeyId", ErrorCode::unauthenticated, "the service does not know the access key id"},
    Meaning{"SignatureDoesNotMatch", ErrorCode::unauthenticated,
            "the signature was not accepted; check the secret access key, and proxies that rewrite requests"},
    Meaning{"ExpiredToken", ErrorCode::unauthenticated, "the session token has expired; get new credentials"},
    Meaning{"InvalidToken", ErrorCode::unauthenticated, "the session token was not accepted; get new credentials"},
    Meaning{"TokenRefreshRequired", ErrorCode::unauthenticated, "the session token must be renewed"},
    Meaning{"RequestTimeTooSkewed", ErrorCode::unauthenticated,
            "this machine's clock differs too much from the service's; set it right"},
    Meaning{"AuthorizationHeaderMalformed", ErrorCode::invalid_argument, "the request was signed for another region"},
    Meaning{"PermanentRedirect", ErrorCode::invalid_argument, "the bucket is served by another endpoint or region"},
    Meaning{"TemporaryRedirect", ErrorCode::unavailable, "the service asks to go elsewhere for a while"},
    Meaning{"TooManyRequests", ErrorCode::rate_limited, "the service asks for fewer requests; retry later"},
    Meaning{"InternalError", ErrorCode::unavailable, "the service failed; retry later"},
    Meaning{"ServiceUnavailable", ErrorCode::unavailable, "the service failed; retry later"},
    Meaning{"RequestTimeout", ErrorCode::timed_out, "the service waited too long for the request's body; retry"},
    Meaning{"EntityTooLarge", ErrorCode::too_large, "the object is larger than the service stores in one request"},
    Meaning{"BadDigest", ErrorCode::corrupt, "the bytes changed on the way, or the file while it was read; retry"},
    Meaning{"XAmzContentSHA256Mismatch", ErrorCode::corrupt,
            "the bytes changed on the way, or the file while it was read; retry"},
    Meaning{"IncompleteBody", ErrorCode::corrupt, "the service got fewer bytes than announced; retry"},
    Meaning{"InvalidRange", ErrorCode::range_not_satisfiable, "the byte range lies outside the object"},
    Meaning{"PreconditionFailed", ErrorCode::precondition_failed, "a condition did not hold"},
    Meaning{"ConditionalRequestConflict", ErrorCode::conflict, "another writer is at work on this key; retry"},
    Meaning{"OperationAborted", ErrorCode::conflict, "another request is at work on this resource; retry"},
    Meaning{"QuotaExceeded", ErrorCode::no_space, "the quota is used up"},
    Meaning{"NotImplemented", ErrorCode::unsupported, "the service does not support this"},
};

constexpr Meaning throttled{"", ErrorCode::rate_limited, "the service asks for fewer requests; retry later"};

Meaning meaning_of_status(int status) {
  switch (status) {
    case 301:
    case 307:
    case 308: return {"", ErrorCode::invalid_argument, "the service redirects; check the endpoint and the region"};
    case 304: return {"", ErrorCode::not_modified, "nothing has changed"};
    case 401: return {"", ErrorCode::unauthenticated, "the credentials were not accepted"};
    case 403:
      return {"", ErrorCode::permission_denied, "access was denied; check credentials, access policy and clock"};
    case 404: return {"", ErrorCode::not_found, "there is no such object or bucket"};
    case 405:
    case 501: return {"", ErrorCode::unsupported, "the service does not support this"};
    case 408: return {"", ErrorCode::timed_out, "the service waited too long for the request"};
    case 409: return {"", ErrorCode::conflict, "another request is at work on this resource"};
    case 412: return {"", ErrorCode::precondition_failed, "a condition did not hold"};
    case 413: return {"", ErrorCode::too_large, "the object is larger than the service stores in one request"};
    case 416: return {"", ErrorCode::range_not_satisfiable, "the byte range lies outside the object"};
    case 429: return throttled;
    case 507: return {"", ErrorCode::no_space, "the service's storage is full"};
    default: break;
  }
  if (status >= 500) return {"", ErrorCode::unavailable, "the service failed; retry later"};
  if (status >= 400) return {"", ErrorCode::invalid_argument, "the service refused the request"};
  return {"", ErrorCode::corrupt, "the service gave an unexpected answer; is the endpoint an S3 service?"};
}

Meaning meaning_of(std::string_view service_code, int status) {
  if (is_throttling_code(service_code)) return throttled;
  const auto known = std::ranges::find(meanings, service_code, &Meaning::service_code);
  return known == meanings.end() ? meaning_of_status(status) : *known;
}

std::string message_for(const Meaning& meaning, const S3ErrorDocument& document) {
  std::string message(meaning.advice);
  if (!document.region.empty()) {
    message += fmt::format("; the bucket is in region '{}': set S3Options::region to it", document.region);
  }
  if (!document.message.empty()) message += fmt::format(" (the service says: {})", printable(document.message, 300));
  return message;
}

/// True when a server says back what must stay hidden.
bool repeats(const S3ErrorDocument& document, std::span<const std::string_view> secrets) {
  const std::string said =
      document.code + '\n' + document.message + '\n' + document.request_id + '\n' + document.region;
  return std::ranges::any_of(
      secrets, [&](std::string_view secret) { return !secret.empty() && said.find(secret) != std::string::npos; });
}

}  // namespace

Error error_from_document(const S3ErrorDocument& document, int http_status) {
  const Meaning meaning = meaning_of(document.code, http_status);
  const bool damaged_on_the_way = meaning.code == ErrorCode::corrupt && !meaning.service_code.empty();
  return Error(meaning.code, message_for(meaning, document))
      .with_retryable(damaged_on_the_way || Error(meaning.code, "").retryable())
      .with_http_status(http_status)
      .with_service_code(document.code)
      .with_request_id(document.request_id);
}

Error error_from_response(const HttpResponse& response, std::string_view body,
                          std::span<const std::string_view> secrets) {
  S3ErrorDocument document = parse_error_document(body).value_or(S3ErrorDocument{});
  if (document.request_id.empty()) document.request_id = find_header(response.headers, "x-amz-request-id").value_or("");
  if (document.region.empty()) document.region = find_header(response.headers, "x-amz-bucket-region").value_or("");
  // AWS names the bucket's region on many replies; it is news only where the region is what was wrong.
  const bool about_region = document.code == "AuthorizationHeaderMalformed" || response.status / 100 == 3 ||
                            (response.status == 400 && document.code.empty());
  if (!about_region) document.region.clear();
  if (repeats(document, secrets)) document = {};
  return error_from_document(document, response.status);
}

}  // namespace audiostore
