// What S3Store has beyond ObjectStore.
#include <audiostore/s3_store.h>

#include "core/named_call.h"
#include "s3/post_policy.h"
#include "s3/presign.h"

namespace audiostore {

Result<SignedRequest> S3Store::presign_part(const PresignPartRequest& request) {
  return named_call("presign_part", request.key.str(), [&] { return presign_upload_part(client(), request); });
}

Result<PostForm> S3Store::presign_post(const PostRequest& request) {
  return named_call("presign_post", request.key, [&] { return presign_form(client(), request); });
}

}  // namespace audiostore
