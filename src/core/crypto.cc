// SHA256_* and SHA1_* are deprecated since OpenSSL 3.0 but not removed; their contexts are plain structs that can be
// copied, which makes cached HMAC states a value type and a presigned URL several times cheaper (docs/DECISIONS.md).
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/crypto.h"

#include "core/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <climits>
#include <type_traits>
#include <vector>

namespace audiostore {
namespace {

static_assert(std::is_trivially_copyable_v<SHA256_CTX>);

SHA256_CTX* context(std::array<std::byte, 112>& state) noexcept {
  static_assert(sizeof(SHA256_CTX) <= sizeof state && alignof(SHA256_CTX) <= 8);
  return reinterpret_cast<SHA256_CTX*>(state.data());
}

SHA_CTX* context(std::array<std::byte, 96>& state) noexcept {
  static_assert(std::is_trivially_copyable_v<SHA_CTX> && sizeof(SHA_CTX) <= sizeof state && alignof(SHA_CTX) <= 8);
  return reinterpret_cast<SHA_CTX*>(state.data());
}

unsigned char* raw(std::byte* bytes) noexcept { return reinterpret_cast<unsigned char*>(bytes); }

}  // namespace

Sha256::Sha256() noexcept { SHA256_Init(context(state_)); }

Sha256& Sha256::update(ByteSpan bytes) noexcept {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
  return *this;
}

Sha256Digest Sha256::finish() noexcept {
  Sha256Digest digest;
  SHA256_Final(raw(digest.data()), context(state_));
  return digest;
}

Sha256Digest sha256(ByteSpan bytes) noexcept { return Sha256().update(bytes).finish(); }

HmacSha256::HmacSha256(ByteSpan key) noexcept {
  constexpr std::size_t block = 64;
  std::array<std::byte, block> padded{};
  if (key.size() > block) {
    Sha256Digest short_key = sha256(key);
    std::ranges::copy(short_key, padded.begin());
    wipe(short_key);
  } else {
    std::ranges::copy(key, padded.begin());
  }
  for (auto& byte : padded) byte ^= std::byte{0x36};
  inner_.update(padded);
  for (auto& byte : padded) byte ^= std::byte{0x36} ^ std::byte{0x5c};
  outer_.update(padded);
  wipe(padded);
}

HmacSha256::~HmacSha256() {
  wipe(inner_.state_);
  wipe(outer_.state_);
}

Sha256Digest HmacSha256::finish(Sha256 inner) const noexcept {
  Sha256 outer = outer_;
  return outer.update(inner.finish()).finish();
}

Sha256Digest HmacSha256::sign(ByteSpan message) const noexcept {
  Sha256 inner = inner_;
  return finish(inner.update(message));
}

Sha256Digest HmacSha256::sign(std::initializer_list<std::string_view> pieces) const noexcept {
  Sha256 inner = inner_;
  for (const std::string_view piece : pieces) inner.update(piece);
  return finish(inner);
}

struct Md5::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { EVP_DigestInit_ex(context, EVP_md5(), nullptr); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Md5::Md5() : state_(std::make_unique<State>()) {}
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;
Md5::~Md5() = default;

Md5& Md5::update(ByteSpan bytes) noexcept {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
  return *this;
}

Md5Digest Md5::finish() noexcept {
  Md5Digest digest{};
  EVP_DigestFinal_ex(state_->context, raw(digest.data()), nullptr);
  return digest;
}

Sha1::Sha1() noexcept { SHA1_Init(context(state_)); }

Sha1& Sha1::update(ByteSpan bytes) noexcept {
  SHA1_Update(context(state_), bytes.data(), bytes.size());
  return *this;
}

Sha1Digest Sha1::finish() noexcept {
  Sha1Digest digest;
  SHA1_Final(raw(digest.data()), context(state_));
  return digest;
}

Md5Digest md5(ByteSpan bytes) { return Md5().update(bytes).finish(); }

Result<void> random_bytes(std::span<std::byte> out) {
  if (out.size() > INT_MAX || RAND_bytes(raw(out.data()), static_cast<int>(out.size())) != 1) {
    return Error(ErrorCode::internal, "the operating system gave no random bytes");
  }
  return {};
}

Result<std::string> random_hex(std::size_t bytes) {
  std::vector<std::byte> buffer(bytes);
  return random_bytes(buffer).transform([&] { return to_hex(buffer); });
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::byte> memory) noexcept { OPENSSL_cleanse(memory.data(), memory.size()); }

}  // namespace audiostore
