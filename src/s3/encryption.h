// Server-side encryption as header fields: what is asked for, and what a service says that it did.
#pragma once

#include <audiostore/headers.h>
#include <audiostore/s3_encryption.h>

#include "s3/provider.h"
#include "s3/s3_client.h"

#include <string>
#include <string_view>

namespace audiostore {

inline constexpr std::string_view encryption_header = "x-amz-server-side-encryption";  ///< and what begins so
inline constexpr std::string_view customer_key_header = "x-amz-server-side-encryption-customer-key";
inline constexpr std::string_view copy_source_key_header = "x-amz-copy-source-server-side-encryption-customer-key";

/// Errors: invalid_argument (a key that is none, SseC over http), unsupported, naming the provider.
Result<void> check_encryption(const S3Encryption& encryption, const ProviderProfile& profile, bool tls);

/// What says how an object is to be kept: goes with whatever makes one.
Headers object_encryption_headers(const S3Encryption& encryption);

/// What `request` has to say by the operation that it is.
Headers encryption_headers(const S3Encryption& encryption, const S3Request& request);

/// Whether the reply to `request`, a success, says that the object is encrypted as it was asked for: services ignore
/// headers that they do not know. Errors: unsupported.
Result<void> confirm_encryption(const S3Encryption& encryption, const S3Request& request, const HttpResponse& reply);

/// Whether somebody else can be given a request to send. Errors: unsupported, for who would need the customer's key.
Result<void> check_shareable(const S3Encryption& encryption);

/// ObjectInfo::encryption.
std::string told_encryption(const Headers& reply);

}  // namespace audiostore
