// Bytes, held against what is known of them.
#pragma once

#include "core/checksums.h"
#include "core/crypto.h"

#include <audiostore/bytes.h>
#include <audiostore/object_store.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace audiostore {

/// Computes one digest that is known of an object while its bytes pass by: its writer's SHA-256, else the one that
/// costs least. The check comes with the last byte, so that whoever passes a piece on only behind add() never passes on
/// all of what is corrupt. An empty object has nothing that could be.
class DigestCheck {
 public:
  /// Checks nothing where nothing is known.
  DigestCheck(const Digests& known, std::uint64_t size);

  /// True where add() computes something.
  [[nodiscard]] bool is_on() const noexcept { return !std::holds_alternative<std::monostate>(hash_); }

  /// The bytes behind those that were added before. Errors: corrupt, when they are the last and do not fit.
  Result<void> add(ByteSpan bytes);

 private:
  std::variant<std::monostate, Checksum, Md5> hash_;
  std::string_view name_;
  std::string expected_;  // base64
  std::uint64_t left_;
};

/// The MD5 that an ETag of 32 hex digits is where its service says so; nothing for another form.
std::string md5_of_etag(std::string_view etag);

}  // namespace audiostore
