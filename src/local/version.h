// Versions of objects, of which a bucket that keeps none has one: "null".
#pragma once

#include "local/s3_error.h"
#include "local/s3_request.h"

#include <audiostore/error.h>
#include <audiostore/headers.h>

namespace audiostore::local {

inline constexpr std::string_view null_version = "null";

/// Errors: S3's InvalidArgument where the request names another version than that one.
inline Result<void> check_version(const S3Request& request) {
  if (request.parameter("versionId").value_or(null_version) == null_version) return {};
  return s3_error(S3Code::invalid_argument, "Invalid version id specified: this bucket keeps no versions.");
}

/// The header that tells a client which version it got, if it asked for one.
inline Headers version_header(const S3Request& request) {
  if (!request.parameter("versionId")) return {};
  return {{"x-amz-version-id", std::string(null_version)}};
}

}  // namespace audiostore::local
