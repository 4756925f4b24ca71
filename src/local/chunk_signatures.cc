#include "local/chunk_signatures.h"

#include "core/text.h"

#include <utility>

namespace audiostore::local {

ChunkSignatures::ChunkSignatures(const HmacSha256& key, std::string_view timestamp, std::string_view scope,
                                 std::string seed)
    : key_(key), previous_(std::move(seed)) {
  time_and_scope_.append(timestamp).append("\n").append(scope);
}

bool ChunkSignatures::accept_chunk(const Sha256Digest& bytes, std::string_view signature) {
  static const std::string no_headers = to_hex(sha256(""));
  return accept("AWS4-HMAC-SHA256-PAYLOAD", no_headers + '\n' + to_hex(bytes), signature);
}

bool ChunkSignatures::accept_trailer(std::string_view fields, std::string_view signature) {
  return accept("AWS4-HMAC-SHA256-TRAILER", to_hex(sha256(fields)), signature);
}

bool ChunkSignatures::accept(std::string_view word, std::string_view rest, std::string_view signature) {
  std::string expected = to_hex(key_.sign({word, "\n", time_and_scope_, "\n", previous_, "\n", rest}));
  if (!constant_time_equal(expected, signature)) return false;
  previous_ = std::move(expected);
  return true;
}

}  // namespace audiostore::local
