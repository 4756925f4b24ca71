// AWS Signature Version 4 as S3 wants it, as pure functions of request, key and time.
//
// S3's rules on top of the general ones: the path is percent-encoded once and never normalised, every request names the
// hash of its payload, and a session token is signed along.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/headers.h>

#include "core/crypto.h"
#include "core/dates.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace audiostore::sigv4 {

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
/// SHA-256 of no bytes, for requests without a body.
inline constexpr std::string_view empty_payload_hash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a signature is good for besides its day.
struct Scope {
  std::string region;
  std::string service = "s3";
};

/// All of signing that depends only on credentials, day and scope. Immutable, so it may be shared by threads; the
/// secret itself is not in it.
struct SigningKey {
  SigningKey(const Credentials& credentials, std::string_view day, const Scope& scope);

  std::string access_key_id;
  Secret session_token;
  std::string day;               ///< "20130524"
  std::string credential_scope;  ///< "20130524/us-east-1/s3/aws4_request"
  HmacSha256 hmac;
};

/// Keeps the signing key of the last credentials and day, so that most requests derive nothing. Thread-safe.
class SigningKeyCache {
 public:
  explicit SigningKeyCache(Scope scope) : scope_(std::move(scope)) {}
  std::shared_ptr<const SigningKey> get(const std::shared_ptr<const Credentials>& credentials, std::string_view day);

 private:
  const Scope scope_;
  std::mutex mutex_;
  std::shared_ptr<const Credentials> credentials_;  // kept, so that its address stays its identity
  std::shared_ptr<const SigningKey> key_;
};

/// A query parameter, not yet encoded.
using QueryParameter = std::pair<std::string, std::string>;

/// Encoded, and sorted by the encoded name, then value; a name without a value has its '='. What is signed is what is
/// sent.
std::string canonical_query(std::span<const QueryParameter> parameters);

/// A request as it is signed.
struct Request {
  std::string method;
  std::string path;   ///< percent-encoded, as it is sent; never empty
  std::string query;  ///< canonical_query(), as it is sent
  Headers headers;    ///< all of them are signed; Host among them
  std::string payload_hash;
};

// The stages, each a pure function, so that a difference shows where it begins.
std::string canonical_request(const Request& request);
std::string string_to_sign(const Request& request, const AmzDate& date, std::string_view credential_scope);
std::string signature(const Request& request, const AmzDate& date, const SigningKey& key);

/// `request` with x-amz-date, x-amz-content-sha256, x-amz-security-token (with a session token) and Authorization.
/// REQUIRES: the headers have none of these yet, and Host.
Request sign(Request request, TimePoint time, const SigningKey& key);

/// What a presigned URL is made of.
struct Presign {
  std::string_view method;
  std::string_view host;                       ///< as the Host header will be
  std::size_t path_begin;                      ///< where in the URL the path begins
  std::span<const QueryParameter> parameters;  ///< besides the X-Amz- ones
  std::span<const Header> headers;             ///< to be signed besides Host
  std::string_view payload_hash = unsigned_payload;
  bool hash_in_query = false;  ///< says X-Amz-Content-Sha256 in the query, for servers that otherwise assume another
  std::chrono::seconds expires_in;
};

/// What presign() appends to a URL, roughly, where there is no session token: room to reserve.
inline constexpr std::size_t presigned_query_bytes = 400;

/// Completes `url`, "https://host/encoded/path", with its signed query: writes each byte once, and hashes what it
/// wrote. REQUIRES: 1 s <= expires_in <= 604,800 s.
std::string presign(std::string url, const Presign& request, TimePoint time, const SigningKey& key);

/// Header fields that must not be signed, because transports and proxies add, change or drop them.
bool is_unsignable(std::string_view header_name);

}  // namespace audiostore::sigv4
