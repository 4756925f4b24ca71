#include "s3/write_headers.h"

#include "s3/object_headers.h"
#include "s3/tagging.h"

namespace audiostore {
namespace {

/// The same refusal by another code.
Error recoded(const Error& error, ErrorCode code, std::string_view message) {
  return Error(code, message)
      .with_http_status(error.http_status())
      .with_service_code(error.service_code())
      .with_request_id(error.request_id())
      .with_attempts(error.attempts());
}

}  // namespace

Headers description_headers(const PutOptions& options) {
  Headers headers = attribute_headers(options.attributes);
  if (!options.tags.empty()) headers.push_back({"x-amz-tagging", tagging_header(options.tags)});
  if (!options.storage_class.empty()) headers.push_back({"x-amz-storage-class", options.storage_class});
  return headers;
}

Headers write_condition_headers(const PutOptions& options, const ProviderProfile& profile) {
  if (options.mode == PutMode::create) return {{"If-None-Match", "*"}};
  if (options.if_match.empty()) return {};
  if (profile.conditional_replace == ConditionalReplace::by_bare_etag) {
    return {{"If-Match", options.if_match.substr(1, options.if_match.size() - 2)}};
  }
  return {{"If-Match", options.if_match}};
}

Error put_error(Error error, const PutOptions& options) {
  if (options.mode == PutMode::create && error.code() == ErrorCode::precondition_failed) {
    return recoded(error, ErrorCode::already_exists, "there is an object under this key already");
  }
  if (!options.if_match.empty() && error.service_code() == "NoSuchKey") {
    return recoded(error, ErrorCode::precondition_failed, "there is no object under this key that if_match could name");
  }
  return error;
}

}  // namespace audiostore
