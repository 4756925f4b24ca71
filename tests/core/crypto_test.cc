#include "core/crypto.h"

#include "core/text.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <set>

namespace audiostore {
namespace {

std::string hex_of(ByteSpan bytes) { return to_hex(bytes); }
std::string bytes_of(std::string_view hex) { return from_hex(hex).value(); }

TEST_CASE("SHA-256 has the published digests", "[crypto]") {
  CHECK(hex_of(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_of(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_of(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex_of(sha256(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 does not depend on how the bytes are cut", "[crypto]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::string text = random.bytes(random.below(300));
    Sha256 hash;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t count = random.below(text.size() - at + 1);
      hash.update(std::string_view(text).substr(at, count));
      at += count;
    }
    CHECK(hash.finish() == sha256(text));
  }
}

TEST_CASE("a copy of a SHA-256 goes its own way", "[crypto]") {
  Sha256 first;
  first.update("a");
  Sha256 second = first;
  CHECK(first.update("bc").finish() == sha256("abc"));
  CHECK(second.update("x").finish() == sha256("ax"));
}

struct HmacVector {
  std::string key;
  std::string message;
  const char* digest;
};

TEST_CASE("HMAC-SHA-256 has RFC 4231's digests", "[crypto]") {
  const HmacVector vectors[] = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {bytes_of("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const HmacVector& vector : vectors) {
    const HmacSha256 hmac(vector.key);
    CHECK(hex_of(hmac.sign(vector.message)) == vector.digest);
    CHECK(hex_of(hmac.sign(vector.message)) == vector.digest);  // signing leaves the key's state as it was
    const HmacSha256 copy = hmac;
    CHECK(hex_of(copy.sign(vector.message)) == vector.digest);
  }
}

TEST_CASE("an HMAC key of one block is used as it is, one byte more is hashed", "[crypto]") {
  const std::string block(64, 'k');
  const std::string longer(65, 'k');
  CHECK(HmacSha256(block).sign("m") != HmacSha256(as_bytes(block).first(63)).sign("m"));
  CHECK(HmacSha256(longer).sign("m") == HmacSha256(ByteSpan(sha256(longer))).sign("m"));
  CHECK(HmacSha256(block).sign("m") != HmacSha256(ByteSpan(sha256(block))).sign("m"));
}

TEST_CASE("an HMAC of pieces is that of the whole", "[crypto]") {
  const HmacSha256 hmac("key");
  CHECK(hmac.sign({"a", "", "bc", "d"}) == hmac.sign("abcd"));
  CHECK(hmac.sign({"", ""}) == hmac.sign(""));
}

TEST_CASE("MD5 has RFC 1321's digests", "[crypto]") {
  CHECK(hex_of(md5(as_bytes(""))) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(hex_of(md5(as_bytes("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex_of(Md5().update(as_bytes("message ")).update(as_bytes("digest")).finish()) ==
        "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("random identifiers do not repeat", "[crypto]") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = random_hex(16).value();
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    seen.insert(id);
  }
  CHECK(seen.size() == 1000);
  CHECK(random_hex(0).value().empty());
}

TEST_CASE("constant_time_equal compares the whole text", "[crypto]") {
  CHECK(constant_time_equal("", ""));
  CHECK(constant_time_equal("abc", "abc"));
  for (const char* other : {"", "ab", "abd", "bbc", "abcd"}) CHECK_FALSE(constant_time_equal("abc", other));
}

TEST_CASE("wipe leaves zeros", "[crypto]") {
  std::string text = "secret";
  wipe(text);
  CHECK(text == std::string(6, '\0'));
}

}  // namespace
}  // namespace audiostore
