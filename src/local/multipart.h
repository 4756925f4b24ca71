// What the multipart operations have in common. All errors are S3's.
#pragma once

#include "local/s3_request.h"
#include "local/uploads.h"

#include <audiostore/error.h>

#include <string>

namespace audiostore::local {

/// The upload that the request names. Errors: those of parse_key, NoSuchUpload.
Result<UploadName> named_upload(const S3Request& request);

/// "ChecksumCRC32": the XML element that holds it.
std::string checksum_element(ChecksumAlgorithm algorithm);

/// Which part the request brings, 1 to 10,000. Errors: InvalidArgument.
Result<int> part_number(const S3Request& request);

}  // namespace audiostore::local
