// What the requests that read an object have in common.
#pragma once

#include "local/s3_request.h"

#include <audiostore/object_store.h>

#include <string>
#include <string_view>

namespace audiostore::local {

/// An ETag with its quotes, which S3's clients may leave out.
std::string quoted(std::string_view etag);

/// The conditions in If-Match and its kin, with `prefix` in front of each name ("x-amz-copy-source-").
Conditions conditions_of(const S3Request& request, std::string_view prefix = "");

}  // namespace audiostore::local
