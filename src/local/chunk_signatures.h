// The signatures inside a body in aws-chunked form.
#pragma once

#include "core/crypto.h"

#include <string>
#include <string_view>

namespace audiostore::local {

/// A chain: each signature covers the one before, and the first one that of the request's head, so that no chunk can be
/// changed, left out, moved, or taken from another request.
///
/// Source: AWS, "Signature calculations for the authorization header: transferring payload in multiple chunks", with
/// and without trailing headers (S3 API reference).
class ChunkSignatures {
 public:
  /// `timestamp` and `scope` ("20130524/us-east-1/s3/aws4_request") are those of the request, `seed` is its signature.
  ChunkSignatures(const HmacSha256& key, std::string_view timestamp, std::string_view scope, std::string seed);

  /// Whether `signature` is that of the next chunk, whose bytes have this hash. The chain goes on only where it is.
  [[nodiscard]] bool accept_chunk(const Sha256Digest& bytes, std::string_view signature);

  /// The same for the header fields behind the last chunk: "name:value\n" each, names in lower case and in order.
  [[nodiscard]] bool accept_trailer(std::string_view fields, std::string_view signature);

 private:
  bool accept(std::string_view word, std::string_view rest, std::string_view signature);

  HmacSha256 key_;
  std::string time_and_scope_;
  std::string previous_;
};

}  // namespace audiostore::local
