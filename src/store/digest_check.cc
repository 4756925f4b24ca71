#include "store/digest_check.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {

DigestCheck::DigestCheck(const Digests& known, std::uint64_t size) : left_(size) {
  // The writer's own digest first: it is as old as the bytes.
  if (!known.sha256.empty()) {
    hash_.emplace<Sha256>();
    name_ = "SHA-256";
    expected_ = known.sha256;
  } else if (!known.md5.empty()) {
    hash_.emplace<Md5>();
    name_ = "MD5";
    expected_ = known.md5;
  }
}

Result<void> DigestCheck::add(ByteSpan bytes) {
  left_ -= std::min<std::uint64_t>(left_, bytes.size());
  std::string found;
  const auto compute = [&](auto& hash) {
    hash.update(bytes);
    if (left_ == 0) found = to_hex(hash.finish());
  };
  if (auto* sha256 = std::get_if<Sha256>(&hash_)) compute(*sha256);
  if (auto* md5 = std::get_if<Md5>(&hash_)) compute(*md5);
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
