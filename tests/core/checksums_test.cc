#include "core/checksums.h"

#include "core/text.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <string>

namespace audiostore {
namespace {

using enum ChecksumAlgorithm;

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view text) {
  return Checksum(algorithm).update(text).finish();
}

/// The definition of a reflected CRC, bit by bit.
template <class Word>
Word slow_crc(Word polynomial, std::string_view text) {
  Word word = static_cast<Word>(~Word{0});
  for (const char c : text) {
    word ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) word = static_cast<Word>((word >> 1) ^ ((word & 1) != 0 ? polynomial : 0));
  }
  return static_cast<Word>(~word);
}

TEST_CASE("CRCs have the catalogued check values", "[checksums]") {
  const std::string_view check = "123456789";
  CHECK(Crc32().update(check).value() == 0xcbf43926);
  CHECK(Crc32c().update(check).value() == 0xe3069283);
  CHECK(Crc64Nvme().update(check).value() == 0xae8b14860a799888);
  CHECK(Crc32().value() == 0);
  CHECK(Crc64Nvme().value() == 0);
}

TEST_CASE("CRC-32C has RFC 3720's values", "[checksums]") {
  CHECK(Crc32c().update(std::string(32, '\0')).value() == 0x8a9136aa);
  CHECK(Crc32c().update(std::string(32, '\xff')).value() == 0x62a8ab43);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  CHECK(Crc32c().update(ascending).value() == 0x46dd794e);
}

TEST_CASE("CRC-64/NVME has the values of its specification", "[checksums]") {
  CHECK(Crc64Nvme().update(std::string(4096, '\0')).value() == 0x6482d367eb22b64e);
  CHECK(Crc64Nvme().update(std::string(4096, '\xff')).value() == 0xc0ddba7302eca3ac);
}

TEST_CASE("CRCs do not depend on how the bytes are cut", "[checksums]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::string text = random.bytes(random.below(300));
    Crc32 crc32;
    Crc32c crc32c;
    Crc64Nvme crc64;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t count = random.below(text.size() - at + 1);
      const std::string_view piece = std::string_view(text).substr(at, count);
      crc32.update(piece);
      crc32c.update(piece);
      crc64.update(piece);
      at += count;
    }
    CHECK(crc32.value() == slow_crc<std::uint32_t>(0xedb88320, text));
    CHECK(crc32c.value() == slow_crc<std::uint32_t>(0x82f63b78, text));
    CHECK(crc64.value() == slow_crc<std::uint64_t>(0x9a6c9329ac4bc9b5, text));
  }
}

TEST_CASE("Checksums are S3's base64", "[checksums]") {
  CHECK(checksum_of(crc32c, std::string(66'560, 'a')) == "sOO8/Q==");  // of AWS's example of a trailer
  CHECK(checksum_of(crc32, "") == "AAAAAA==");
  CHECK(checksum_of(crc32, "123456789") == "y/Q5Jg==");
  CHECK(checksum_of(crc64nvme, "123456789") == "rosUhgp5mIg=");
  CHECK(checksum_of(sha1, "abc") == "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
  CHECK(checksum_of(sha256, "abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST_CASE("SHA-1 has the published digests", "[checksums]") {
  const auto hex = [](std::string_view text) { return to_hex(Sha1().update(text).finish()); };
  CHECK(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(std::string(1'000'000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("Algorithms have their names, headers and sizes", "[checksums]") {
  for (const ChecksumAlgorithm algorithm : {crc32, crc32c, crc64nvme, sha1, sha256}) {
    CAPTURE(checksum_name(algorithm));
    CHECK(checksum_algorithm(checksum_name(algorithm)) == algorithm);
    CHECK(checksum_header(algorithm) == "x-amz-checksum-" + to_lower(checksum_name(algorithm)));
    CHECK(Checksum(algorithm).algorithm() == algorithm);
    CHECK(from_base64(checksum_of(algorithm, "x")).value().size() == checksum_bytes(algorithm));
  }
  CHECK(checksum_algorithm("crc32c") == crc32c);
  CHECK(checksum_algorithm("MD5") == std::nullopt);
  CHECK(checksum_algorithm("") == std::nullopt);
}

}  // namespace
}  // namespace audiostore
