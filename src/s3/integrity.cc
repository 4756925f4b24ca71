#include "s3/integrity.h"

#include "core/crypto.h"
#include "core/text.h"
#include "s3/conditional_put.h"
#include "s3/object_headers.h"
#include "store/digest_check.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

using enum ChecksumAlgorithm;

std::optional<ChecksumAlgorithm> chosen_checksum(const S3Options& options, const ProviderProfile& profile) {
  switch (options.upload_checksum) {
    case UploadChecksum::none: return std::nullopt;
    case UploadChecksum::crc32c: return crc32c;
    case UploadChecksum::crc64nvme: return crc64nvme;
    case UploadChecksum::automatic: break;
  }
  if (options.payload_signing == PayloadSigning::sha256) return std::nullopt;
  if (profile.upload_crc32c) return crc32c;
  return profile.upload_crc64nvme ? std::optional(crc64nvme) : std::nullopt;
}

/// `text` in lower-case hex, if it is the base64 of a checksum.
std::string hex_of_checksum(ChecksumAlgorithm algorithm, std::string_view text) {
  const auto bytes = from_base64(text);
  return bytes && bytes->size() == checksum_bytes(algorithm) ? to_hex(as_bytes(*bytes)) : std::string();
}

std::string kept_sha256(const Headers& headers) {
  const std::string_view text = find_header(headers, sha256_header).value_or("");
  const bool is_one = text.size() == 2 * sizeof(Sha256Digest) && from_hex(text).has_value() && to_lower(text) == text;
  return std::string(is_one ? text : "");
}

/// The service's checksums of the whole object. Those of an object in parts may be checksums of checksums.
void read_checksums(Digests& digests, const Headers& headers) {
  if (find_header(headers, "x-amz-checksum-type").value_or("FULL_OBJECT") != "FULL_OBJECT") return;
  const auto read = [&](ChecksumAlgorithm algorithm) {
    return hex_of_checksum(algorithm, find_header(headers, checksum_header(algorithm)).value_or(""));
  };
  if (digests.sha256.empty()) digests.sha256 = read(sha256);
  digests.crc32c = read(crc32c);
  digests.crc64nvme = read(crc64nvme);
  digests.crc32 = read(crc32);
}

/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: not with KMS or a key of the customer's.
bool is_encrypted_otherwise(const Headers& headers) {
  return find_header(headers, "x-amz-server-side-encryption").value_or("AES256") != "AES256" ||
         find_header(headers, "x-amz-server-side-encryption-customer-algorithm");
}

}  // namespace

UploadIntegrity::UploadIntegrity(const S3Options& options, const ProviderProfile& profile)
    : signs_(options.payload_signing == PayloadSigning::sha256),
      checksum_(chosen_checksum(options, profile)),
      part_checksum_(profile.part_checksums ? checksum_ : std::nullopt),
      store_sha256_(options.store_sha256) {}

Result<BodyProof> UploadIntegrity::compute(const Payload& body, std::optional<ChecksumAlgorithm> algorithm,
                                           bool wants_sha256, const CallGuard& guard) const {
  std::optional<Sha256> hash;
  if (signs_ || wants_sha256) hash.emplace();
  auto checksum = algorithm ? std::optional<Checksum>(*algorithm) : std::nullopt;
  const auto add = [&](ByteSpan piece) {
    if (hash) hash->update(piece);
    if (checksum) checksum->update(piece);
    return guard.check();
  };
  if (hash || checksum) {
    if (auto read = body.read_all(add); !read) return std::move(read).error();
  }
  BodyProof proof;
  if (hash) proof.sha256 = to_hex(hash->finish());
  if (checksum) proof.headers.push_back({std::string(checksum_header(*algorithm)), checksum->finish()});
  proof.payload_hash = signs_ ? proof.sha256 : std::string(sigv4::unsigned_payload);
  return proof;
}

void UploadIntegrity::announce_parts(Headers& headers) const {
  if (!part_checksum_) return;
  headers.push_back({"x-amz-checksum-algorithm", std::string(checksum_name(*part_checksum_))});
  headers.push_back({"x-amz-checksum-type", "FULL_OBJECT"});
}

void UploadIntegrity::store_sha256(Headers& headers, const std::string& sha256) const {
  if (store_sha256_ == StoreSha256::never || sha256.empty()) return;
  // The mark goes before it: to know whose object it is decides more than to know its digest.
  const std::size_t needed = sha256_header.size() - metadata_prefix.size() + sha256.size() + mark_metadata_bytes;
  if (metadata_bytes(headers) + needed <= max_metadata_bytes) headers.push_back({std::string(sha256_header), sha256});
}

Result<void> check_upload_checksum(UploadChecksum wanted, const ProviderProfile& profile) {
  const bool is_missing = (wanted == UploadChecksum::crc32c && !profile.upload_crc32c) ||
                          (wanted == UploadChecksum::crc64nvme && !profile.upload_crc64nvme);
  if (!is_missing) return {};
  return Error(ErrorCode::unsupported,
               fmt::format("{} is not known to check the {} of an upload; use UploadChecksum::automatic", profile.name,
                           checksum_name(wanted == UploadChecksum::crc32c ? crc32c : crc64nvme)));
}

void ask_for_digests(Headers& headers, const ProviderProfile& profile) {
  if (profile.checksum_mode) headers.push_back({"x-amz-checksum-mode", "ENABLED"});
}

Digests digests_of(const HttpResponse& response, const ObjectInfo& info, const ProviderProfile& profile) {
  Digests digests{.sha256 = kept_sha256(response.headers)};
  if (profile.checksum_mode && info.delivered.length == info.size) read_checksums(digests, response.headers);
  if (profile.etag_is_md5 && !is_encrypted_otherwise(response.headers)) digests.md5 = md5_of_etag(info.etag);
  return digests;
}

}  // namespace audiostore
