// Requests that are signed ahead of time. All offline.
#pragma once

#include <audiostore/s3_store.h>

#include "s3/s3_client.h"

namespace audiostore {

/// A URL good for `request.expires_in`, or as long as the credentials are. Errors: invalid_argument, unauthenticated.
Result<SignedRequest> presign_object(S3Client& client, const PresignRequest& request);
Result<SignedRequest> presign_upload_part(S3Client& client, const PresignPartRequest& request);

/// As asked, but not beyond the credentials. Errors: unauthenticated, where they have ended.
Result<std::chrono::seconds> lifetime(std::chrono::seconds asked, const S3Client::Signing& signing);

}  // namespace audiostore
