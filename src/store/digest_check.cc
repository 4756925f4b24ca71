#include "store/digest_check.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {

DigestCheck::DigestCheck(const Digests& known, std::uint64_t size) : left_(size) {
  using enum ChecksumAlgorithm;
  struct Choice {
    const std::string& digest;
    ChecksumAlgorithm algorithm;
  };
  // The writer's own first: it is as old as the bytes. Then by speed (benchmarks/checksums.cc).
  for (const auto& [digest, algorithm] : {Choice{known.sha256, sha256}, Choice{known.crc32c, crc32c},
                                          Choice{known.crc64nvme, crc64nvme}, Choice{known.crc32, crc32}}) {
    if (digest.empty()) continue;
    hash_.emplace<Checksum>(algorithm);
    name_ = checksum_name(algorithm);
    expected_ = digest;
    break;
  }
  if (!is_on() && !known.md5.empty()) {
    hash_.emplace<Md5>();
    name_ = "MD5";
    expected_ = known.md5;
  }
  if (is_on()) expected_ = to_base64(as_bytes(from_hex(expected_).value_or("")));
}

Result<void> DigestCheck::add(ByteSpan bytes) {
  left_ -= std::min<std::uint64_t>(left_, bytes.size());
  std::string found;
  if (auto* checksum = std::get_if<Checksum>(&hash_)) {
    checksum->update(bytes);
    if (left_ == 0) found = checksum->finish();
  } else if (auto* md5 = std::get_if<Md5>(&hash_)) {
    md5->update(bytes);
    if (left_ == 0) found = to_base64(md5->finish());
  }
  if (!is_on() || left_ > 0 || found == expected_) return {};
  return Error(ErrorCode::corrupt,
               fmt::format("the bytes are not those that were stored: their {} is another one. They were damaged on "
                           "the way or where they are kept: read them again, and if that does not help, restore them",
                           name_));
}

std::string md5_of_etag(std::string_view etag) {
  constexpr std::size_t digits = 2 * sizeof(Md5Digest);
  if (etag.size() != digits + 2 || !etag.starts_with('"') || !etag.ends_with('"')) return {};
  const std::string md5 = to_lower(etag.substr(1, digits));
  return from_hex(md5) ? md5 : std::string();
}

}  // namespace audiostore
