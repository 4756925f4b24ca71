// Which bucket and key a request is about.
#pragma once

#include <string>
#include <string_view>

namespace audiostore::local {

/// Empty `bucket`: the service itself. Empty `key`: the bucket. Names are as the client gave them, unchecked.
struct S3Address {
  std::string bucket;
  std::string key;

  friend bool operator==(const S3Address&, const S3Address&) = default;
};

/// Reads path-style ("/bucket/key") and, where the host has the bucket in front, virtual-host addresses:
/// "bucket.localhost", "bucket.127.0.0.1", and any host that begins with the name of `served_bucket` and a dot.
/// `path` is decoded already; what follows the first '/' behind the bucket is the key, byte for byte.
S3Address s3_address(std::string_view host, std::string_view path, std::string_view served_bucket);

}  // namespace audiostore::local
