// What vouches for the bytes of an object, on their way up and down.
#pragma once

#include <audiostore/object_store.h>
#include <audiostore/s3_store.h>

#include "core/call_guard.h"
#include "core/checksums.h"
#include "s3/provider.h"
#include "s3/s3_client.h"

#include <optional>
#include <string>

namespace audiostore {

/// By what a service can refuse other bytes than those of a request's body.
struct BodyProof {
  std::string payload_hash = {};  ///< as in S3Request
  Headers headers = {};           ///< the checksum, if there is to be one
  std::string sha256 = {};        ///< of the body, in lower-case hex; empty where it was not computed
};

/// How a store's uploads are protected. Thread-safe.
class UploadIntegrity {
 public:
  UploadIntegrity(const S3Options& options, const ProviderProfile& profile);

  /// The proof of what is put in one request, which is read where there has to be one. Errors of both: those of the
  /// payload and of the guard.
  [[nodiscard]] Result<BodyProof> prove(const Payload& object, const CallGuard& guard) const {
    return compute(object, checksum_, always_stores_sha256(), guard);
  }
  /// The proof of a part; its SHA-256 too if `wants_sha256`.
  [[nodiscard]] Result<BodyProof> prove_part(const Payload& part, bool wants_sha256, const CallGuard& guard) const {
    return compute(part, part_checksum_, wants_sha256, guard);
  }

  /// Adds to what `headers` say of an object that goes up in parts which checksum those will have.
  void announce_parts(Headers& headers) const;

  /// True where an object is to have its SHA-256 even if it has to be read once more for that.
  [[nodiscard]] bool always_stores_sha256() const noexcept { return store_sha256_ == StoreSha256::always; }

  /// Adds the SHA-256, if there is one, to what `headers` say of an object, as far as there is room for it and the mark
  /// (object_headers.h).
  void store_sha256(Headers& headers, const std::string& sha256) const;

 private:
  [[nodiscard]] Result<BodyProof> compute(const Payload& body, std::optional<ChecksumAlgorithm> algorithm,
                                          bool wants_sha256, const CallGuard& guard) const;

  bool signs_;
  std::optional<ChecksumAlgorithm> checksum_;       // of objects,
  std::optional<ChecksumAlgorithm> part_checksum_;  // and of parts of them
  StoreSha256 store_sha256_;
};

/// Errors: unsupported, where the provider is not known to check what the options ask for.
Result<void> check_upload_checksum(UploadChecksum wanted, const ProviderProfile& profile);

/// Has a GET or HEAD tell checksums, where the service knows that wish.
void ask_for_digests(Headers& headers, const ProviderProfile& profile);

/// What a response to a GET or HEAD says of the whole object's bytes: of the object of which `info` is known. What is
/// malformed, of a part, or made of the parts' checksums is not there.
Digests digests_of(const HttpResponse& response, const ObjectInfo& info, const ProviderProfile& profile);

}  // namespace audiostore
