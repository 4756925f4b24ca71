#include "store/digest_check.h"

#include "core/text.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <vector>

namespace audiostore {
namespace {

const std::string bytes = "some bytes of an object";

Digests with_sha256(std::string_view of) { return {.sha256 = to_hex(sha256(of))}; }
Digests with_crc(ChecksumAlgorithm algorithm, std::string_view of) {
  const std::string hex = to_hex(as_bytes(from_base64(Checksum(algorithm).update(of).finish()).value()));
  if (algorithm == ChecksumAlgorithm::crc32) return {.crc32 = hex};
  return algorithm == ChecksumAlgorithm::crc32c ? Digests{.crc32c = hex} : Digests{.crc64nvme = hex};
}
Digests with_md5(std::string_view of) { return {.md5 = to_hex(md5(as_bytes(of)))}; }

/// One of each kind.
std::vector<Digests> all_kinds(std::string_view of) {
  using enum ChecksumAlgorithm;
  return {with_sha256(of), with_md5(of), with_crc(crc32, of), with_crc(crc32c, of), with_crc(crc64nvme, of)};
}

/// Adds the bytes in pieces of `step`; the outcome of the last one.
Result<void> add_all(DigestCheck& check, std::size_t step) {
  Result<void> added;
  for (std::size_t at = 0; added && at < bytes.size(); at += step)
    added = check.add(as_bytes(bytes).subspan(at, std::min(step, bytes.size() - at)));
  return added;
}

}  // namespace

TEST_CASE("bytes pass that have the digest, in pieces of any size", "[digest_check]") {
  for (const Digests& known : all_kinds(bytes)) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, bytes.size()}) {
      DigestCheck check(known, bytes.size());
      CHECK(check.is_on());
      CHECK(add_all(check, step));
    }
  }
}

TEST_CASE("other bytes are corrupt, which comes with the last of them", "[digest_check]") {
  for (const Digests& known : all_kinds("other bytes")) {
    DigestCheck check(known, bytes.size());
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) CHECK(check.add(as_bytes(bytes).subspan(i, 1)));
    CHECK(code_of(check.add(as_bytes(bytes).last(1))) == ErrorCode::corrupt);
  }
}

TEST_CASE("the writer's digest decides where there are several", "[digest_check]") {
  Digests known = with_sha256(bytes);
  known.md5 = with_md5("other bytes").md5;
  DigestCheck check(known, bytes.size());
  CHECK(add_all(check, 3));
}

TEST_CASE("nothing is checked where nothing is known", "[digest_check]") {
  DigestCheck check({}, bytes.size());
  CHECK_FALSE(check.is_on());
  CHECK(add_all(check, 3));
}

TEST_CASE("an ETag of 32 hex digits can be an MD5, others cannot", "[digest_check]") {
  CHECK(md5_of_etag("\"0123456789ABCDEF0123456789abcdef\"") == "0123456789abcdef0123456789abcdef");
  for (const char* other : {"", "\"\"", "0123456789abcdef0123456789abcdef", "W/\"0123456789abcdef0123456789abcdef\"",
                            "\"0123456789abcdef0123456789abcdef-3\"", "\"0123456789abcdef0123456789abcde\"",
                            "\"0123456789abcdef0123456789abcdeg\""}) {
    CAPTURE(other);
    CHECK(md5_of_etag(other) == "");
  }
}

}  // namespace audiostore
