// Where a bucket is served, and how a service says that it is served elsewhere.
#pragma once

#include "s3/endpoint.h"
#include "s3/failure.h"
#include "s3/sigv4.h"

#include <memory>
#include <string>

namespace audiostore {

/// Immutable but for the keys that it keeps; shared by threads.
struct BucketHome {
  BucketHome(S3Endpoint where, std::string of, bool passing = false)
      : endpoint(std::move(where)), region(std::move(of)), is_temporary(passing), keys({.region = region}) {}

  const S3Endpoint endpoint;
  const std::string region;
  const bool is_temporary;  ///< good for one call: the service said "for a while" (307)
  mutable sigv4::SigningKeyCache keys;
};

/// Where `failure`, the answer to a request to `from`, points to; null where it points nowhere new.
///
/// A region that the reply names is taken as it is. The host changes only from one of Amazon S3's own (AwsHost) to
/// another, over https, and the bucket stays the same: whatever a reply says, nothing is ever sent to somebody else.
std::shared_ptr<const BucketHome> next_home(const BucketHome& from, const Failure& failure);

}  // namespace audiostore
