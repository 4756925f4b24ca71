// What vouches for the bytes of an object, on their way up and down.
#pragma once

#include <audiostore/object_store.h>
#include <audiostore/s3_store.h>

#include "core/call_guard.h"
#include "s3/s3_client.h"

#include <string>

namespace audiostore {

/// By what a service can refuse other bytes than those of a request's body.
struct BodyProof {
  std::string payload_hash = {};  ///< as in S3Request
  std::string sha256 = {};        ///< of the body, in lower-case hex; empty where it was not computed
};

/// How a store's uploads are protected. Thread-safe.
class UploadIntegrity {
 public:
  explicit UploadIntegrity(const S3Options& options)
      : signing_(options.payload_signing), store_sha256_(options.store_sha256) {}

  /// The proof of `body`, which is read where there has to be one, or where `wants_sha256`. Errors: those of the body
  /// and of the guard.
  [[nodiscard]] Result<BodyProof> prove(const Payload& body, bool wants_sha256, const CallGuard& guard) const;

  /// True where an object is to have its SHA-256 even if it has to be read once more for that.
  [[nodiscard]] bool always_stores_sha256() const noexcept { return store_sha256_ == StoreSha256::always; }

  /// Adds the SHA-256, if there is one, to what `headers` say of an object, as far as there is room for it and the mark
  /// (object_headers.h).
  void store_sha256(Headers& headers, const std::string& sha256) const;

 private:
  PayloadSigning signing_;
  StoreSha256 store_sha256_;
};

/// What a response to a GET or HEAD says of the whole object's bytes; what is malformed is not there.
Digests digests_of(const HttpResponse& response);

}  // namespace audiostore
