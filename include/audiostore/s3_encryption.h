// How a service encrypts what it keeps (server-side encryption).
#pragma once

#include <audiostore/credentials.h>

#include <map>
#include <string>
#include <variant>

namespace audiostore {

/// With keys of the service's own.
struct SseS3 {};

/// With a key in the service's key management.
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
struct SseKms {
  std::string key_id = {};                          ///< id, alias or ARN; "" for the account's default
  std::map<std::string, std::string> context = {};  ///< the encryption context; not secret, AWS logs it
};

/// With a key that only the caller has. Without it nobody, the service included, can read the object: each request
/// sends it along, over TLS only. Nobody can be given a presigned URL.
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
struct SseC {
  Secret key;  ///< 32 bytes
};

/// What a store asks for with every object that it makes: std::monostate for what the bucket does by itself.
using S3Encryption = std::variant<std::monostate, SseS3, SseKms, SseC>;

}  // namespace audiostore
