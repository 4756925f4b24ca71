// Decides whether a request is signed as AWS Signature Version 4 demands, from the bytes that came over the wire.
#pragma once

#include "core/crypto.h"
#include "local/chunk_decoder.h"
#include "local/wire_request.h"

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/error.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore::local {

/// What of a request the signature covers.
struct SignedParts {
  const std::string& method;
  const WireTarget& target;
  const Headers& headers;
};

/// What a valid signature vouches for besides the head.
struct VerifiedRequest {
  /// The SHA-256 that the body must have, in lower-case hex; absent where the body was left unsigned.
  std::optional<std::string> body_sha256 = {};
  /// Set where the body is in aws-chunked form.
  std::optional<ChunkFraming> chunks = {};
};

/// What a form says of the signature of its policy.
struct SignedPolicy {
  std::string_view policy;  ///< base64, as it was sent
  std::string_view algorithm;
  std::string_view credential;
  std::string_view date;
  std::string_view signature;
  std::optional<std::string> token;
};

/// Verifies SigV4 for one key pair, region and the service "s3", in both forms: Authorization header and presigned
/// query; and the signatures of form uploads' policies. Shares no code with the signer (s3/sigv4), so that no mistake
/// of one can hide in the other. Immutable and thread-safe.
///
/// Sources: AWS, "Authenticating Requests: Using the Authorization Header", "Using Query Parameters" and "Browser-Based
/// Uploads Using POST" (S3 API reference, AWS Signature Version 4).
class RequestVerifier {
 public:
  RequestVerifier(std::shared_ptr<const Credentials> credentials, std::string region,
                  std::shared_ptr<const Clock> clock);

  /// Errors: S3's, see s3_error.h. None of them holds a signature, a token or a secret.
  [[nodiscard]] Result<VerifiedRequest> verify(const SignedParts& request) const;

  /// The same for the policy of a form upload. A signature is good for 7 days at most; the policy may end earlier.
  [[nodiscard]] Result<void> verify_policy(const SignedPolicy& form) const;

 private:
  struct Claim;
  [[nodiscard]] Result<VerifiedRequest> verify_claim(const SignedParts& request, const Claim& claim) const;
  [[nodiscard]] Result<void> check_scope(const Claim& claim) const;
  [[nodiscard]] Result<void> check_time(const Claim& claim) const;
  [[nodiscard]] Result<void> check_token(const Claim& claim) const;
  [[nodiscard]] HmacSha256 signing_key(std::string_view day) const;
  [[nodiscard]] std::string scope(std::string_view day) const;
  [[nodiscard]] std::string expected_signature(const Claim& claim, std::string_view canonical_request) const;
  [[nodiscard]] Result<VerifiedRequest> promise_of(const Claim& claim) const;
  static Result<Claim> claim_in_header(const SignedParts& request, std::string_view authorization);
  static Result<Claim> claim_in_query(const SignedParts& request);

  std::shared_ptr<const Credentials> credentials_;
  std::string region_;
  std::shared_ptr<const Clock> clock_;
};

}  // namespace audiostore::local
