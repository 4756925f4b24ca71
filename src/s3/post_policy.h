// The policy of a browser's upload form, and its signature.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
#pragma once

#include <audiostore/presigned_post.h>

#include "s3/s3_client.h"
#include "s3/sigv4.h"

#include <string>
#include <string_view>

namespace audiostore {

/// Errors: invalid_argument, naming what of the request is wrong.
Result<void> check_post(const PostRequest& request);

/// The policy as JSON in ASCII: every field of `form` exactly, and what the request leaves open. `form` holds all
/// fields but policy and x-amz-signature.
std::string post_policy(const PostRequest& request, std::string_view bucket, const Headers& form, TimePoint expires_at);

/// Over the policy in base64, which is all that is signed.
std::string post_signature(std::string_view policy_base64, const sigv4::SigningKey& key);

/// The whole form. Errors: as of S3Store::presign_post.
Result<PostForm> presign_form(S3Client& client, const PostRequest& request);

}  // namespace audiostore
