// What the requests that list something have in common. All errors are S3's.
#pragma once

#include "local/s3_request.h"

#include <audiostore/error.h>

#include <string>
#include <string_view>

namespace audiostore::local {

/// Whether names shall be URL-encoded in the reply. Errors: InvalidArgument.
Result<bool> is_url_encoded(const S3Request& request);

/// "" or "/". Errors: NotImplemented for all others.
Result<std::string> delimiter_of(const S3Request& request);

/// Where a listing goes on behind `marker`. A marker that is a common prefix stands for all keys below it, so the
/// listing goes on behind the last key that could be there: keys have at most 1,024 bytes.
std::string behind(std::string_view marker, std::string_view delimiter);

}  // namespace audiostore::local
