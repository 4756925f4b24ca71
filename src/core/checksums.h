// The checksums that S3 takes in x-amz-checksum-* headers and trailers.
//
// Source: AWS, "Checking object integrity for data uploads in Amazon S3" (S3 user guide).
#pragma once

#include "core/crypto.h"

#include <audiostore/bytes.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace audiostore {

/// A reflected CRC whose register begins and ends inverted, of bytes that come piece by piece. A plain value: copying
/// it forks the computation. `Polynomial` is written reflected.
template <class Word, Word Polynomial>
class Crc {
 public:
  Crc& update(ByteSpan bytes) noexcept;
  Crc& update(std::string_view text) noexcept { return update(as_bytes(text)); }
  /// The checksum of all that was fed in so far.
  [[nodiscard]] Word value() const noexcept { return static_cast<Word>(~register_); }

 private:
  Word register_ = static_cast<Word>(~Word{0});
};

using Crc32 = Crc<std::uint32_t, 0xedb88320>;              ///< ISO-HDLC: zip, PNG
using Crc32c = Crc<std::uint32_t, 0x82f63b78>;             ///< Castagnoli (RFC 3720, appendix B.4)
using Crc64Nvme = Crc<std::uint64_t, 0x9a6c9329ac4bc9b5>;  ///< NVM Express command set, section 5.2.1.3.4

extern template class Crc<std::uint32_t, 0xedb88320>;
extern template class Crc<std::uint32_t, 0x82f63b78>;
extern template class Crc<std::uint64_t, 0x9a6c9329ac4bc9b5>;

enum class ChecksumAlgorithm { crc32, crc32c, crc64nvme, sha1, sha256 };

/// As in x-amz-checksum-algorithm and the names of XML elements: "CRC32", "CRC64NVME".
std::string_view checksum_name(ChecksumAlgorithm algorithm) noexcept;
/// nullopt for what is none of these names. `name` may have any case.
std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view name) noexcept;
/// The header that carries it, in lower case: "x-amz-checksum-crc32".
std::string_view checksum_header(ChecksumAlgorithm algorithm) noexcept;
/// How many bytes it has: 4 to 32.
std::size_t checksum_bytes(ChecksumAlgorithm algorithm) noexcept;

/// A checksum as clients and servers tell each other of it.
struct StatedChecksum {
  ChecksumAlgorithm algorithm;
  std::string value;  ///< base64

  friend bool operator==(const StatedChecksum&, const StatedChecksum&) = default;
};

/// A checksum of bytes that come piece by piece, in the form that S3 has it.
class Checksum {
 public:
  explicit Checksum(ChecksumAlgorithm algorithm);

  Checksum& update(ByteSpan bytes) noexcept;
  Checksum& update(std::string_view text) noexcept { return update(as_bytes(text)); }
  /// The base64 of the checksum's bytes, the most significant one first. Ends the computation.
  std::string finish();

  [[nodiscard]] ChecksumAlgorithm algorithm() const noexcept { return static_cast<ChecksumAlgorithm>(state_.index()); }

 private:
  std::variant<Crc32, Crc32c, Crc64Nvme, Sha1, Sha256> state_;  // in the order of ChecksumAlgorithm
};

}  // namespace audiostore
