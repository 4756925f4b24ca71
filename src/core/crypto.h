// SHA-256, HMAC-SHA-256, SHA-1, MD5 and random bytes. The only place that knows OpenSSL.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace audiostore {

using Sha256Digest = std::array<std::byte, 32>;
using Sha1Digest = std::array<std::byte, 20>;
using Md5Digest = std::array<std::byte, 16>;

/// SHA-256 of bytes that come piece by piece. A plain value: copying it forks the computation, without an allocation.
class Sha256 {
 public:
  Sha256() noexcept;
  Sha256& update(ByteSpan bytes) noexcept;
  Sha256& update(std::string_view text) noexcept { return update(as_bytes(text)); }
  /// The digest of all that was fed in. Ends the computation.
  Sha256Digest finish() noexcept;

 private:
  friend class HmacSha256;
  // OpenSSL's SHA256_CTX, kept opaque here; the .cc checks that it fits.
  alignas(8) std::array<std::byte, 112> state_;
};

Sha256Digest sha256(ByteSpan bytes) noexcept;
inline Sha256Digest sha256(std::string_view text) noexcept { return sha256(as_bytes(text)); }

/// HMAC-SHA-256 (RFC 2104) under one key. The key's two inner states are computed once, so that each message costs
/// only its own blocks. A plain value; signing is const and may be done from many threads.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteSpan key) noexcept;
  explicit HmacSha256(std::string_view key) noexcept : HmacSha256(as_bytes(key)) {}
  HmacSha256(const HmacSha256&) = default;
  HmacSha256& operator=(const HmacSha256&) = default;
  ~HmacSha256();  // wipes the states, which are as good as the key

  [[nodiscard]] Sha256Digest sign(ByteSpan message) const noexcept;
  /// Of a message that lies in pieces.
  [[nodiscard]] Sha256Digest sign(std::initializer_list<std::string_view> pieces) const noexcept;
  [[nodiscard]] Sha256Digest sign(std::string_view message) const noexcept { return sign(as_bytes(message)); }

 private:
  [[nodiscard]] Sha256Digest finish(Sha256 inner) const noexcept;

  Sha256 inner_;
  Sha256 outer_;
};

/// MD5 of bytes that come piece by piece: for ETags and Content-MD5 only, never for security.
class Md5 {
 public:
  Md5();
  Md5(Md5&&) noexcept;
  Md5& operator=(Md5&&) noexcept;
  ~Md5();
  Md5& update(ByteSpan bytes) noexcept;
  Md5Digest finish() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Md5Digest md5(ByteSpan bytes);

/// SHA-1 of bytes that come piece by piece: for S3's checksum of that name only, never for security.
class Sha1 {
 public:
  Sha1() noexcept;
  Sha1& update(ByteSpan bytes) noexcept;
  Sha1& update(std::string_view text) noexcept { return update(as_bytes(text)); }
  Sha1Digest finish() noexcept;

 private:
  alignas(8) std::array<std::byte, 96> state_;  // OpenSSL's SHA_CTX, as in Sha256
};

/// Fills `out` with bytes from the operating system's generator. Errors: internal.
Result<void> random_bytes(std::span<std::byte> out);

/// `bytes` random bytes in lower-case hex. Errors: internal.
Result<std::string> random_hex(std::size_t bytes);

/// Compares in a time that depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

/// Overwrites memory in a way that the compiler does not leave out.
void wipe(std::span<std::byte> memory) noexcept;
inline void wipe(std::string& text) noexcept { wipe(std::as_writable_bytes(std::span(text.data(), text.size()))); }

}  // namespace audiostore
