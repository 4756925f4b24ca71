#include "s3/integrity.h"

#include "core/crypto.h"
#include "core/text.h"
#include "s3/conditional_put.h"
#include "s3/object_headers.h"

namespace audiostore {
namespace {

constexpr std::size_t sha256_digits = 2 * sizeof(Sha256Digest);

bool is_sha256(std::string_view text) {
  return text.size() == sha256_digits && from_hex(text).has_value() && to_lower(text) == text;
}

}  // namespace

Result<BodyProof> UploadIntegrity::prove(const Payload& body, bool wants_sha256, const CallGuard& guard) const {
  const bool is_signed = signing_ == PayloadSigning::sha256;
  if (!is_signed && !wants_sha256) return BodyProof{.payload_hash = std::string(sigv4::unsigned_payload)};
  Sha256 hash;
  const auto add = [&](ByteSpan piece) {
    hash.update(piece);
    return guard.check();
  };
  return body.read_all(add).transform([&] {
    std::string sha256 = to_hex(hash.finish());
    return BodyProof{is_signed ? sha256 : std::string(sigv4::unsigned_payload), sha256};
  });
}

void UploadIntegrity::store_sha256(Headers& headers, const std::string& sha256) const {
  if (store_sha256_ == StoreSha256::never || sha256.empty()) return;
  // The mark goes before it: to know whose object it is decides more than to know its digest.
  const std::size_t needed = sha256_header.size() - metadata_prefix.size() + sha256.size() + mark_metadata_bytes;
  if (metadata_bytes(headers) + needed <= max_metadata_bytes) headers.push_back({std::string(sha256_header), sha256});
}

Digests digests_of(const HttpResponse& response) {
  Digests digests;
  const std::string_view kept = find_header(response.headers, sha256_header).value_or("");
  if (is_sha256(kept)) digests.sha256 = kept;
  return digests;
}

}  // namespace audiostore
