// Bytes on their way into and out of a store.
#pragma once

#include <audiostore/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace audiostore {

using ByteSpan = std::span<const std::byte>;

/// The characters of `text` as bytes, without a copy; `text` must outlive the result.
inline ByteSpan as_bytes(std::string_view text) noexcept { return std::as_bytes(std::span(text.data(), text.size())); }

/// Receives bytes in order, piece by piece; an Error stops the transfer and is returned to the caller of it.
/// Called on the thread that made the call. A throw counts as ErrorCode::internal.
using ByteSink = std::function<Result<void>(ByteSpan)>;

/// Which bytes of an object to read (RFC 9110, section 14.1.2, one range).
class ByteRange {
 public:
  /// Bytes `first` to `last`, both inclusive. REQUIRES: first <= last (checked where the range is used).
  static ByteRange between(std::uint64_t first, std::uint64_t last) noexcept { return {first, last}; }
  /// From byte `first` to the end.
  static ByteRange from(std::uint64_t first) noexcept { return {first, std::nullopt}; }
  /// The last `count` bytes; the whole object if it is shorter. REQUIRES: count > 0 (checked where it is used).
  static ByteRange last(std::uint64_t count) noexcept { return {std::nullopt, count}; }

  /// Where the range lies in an object of some size.
  struct Slice {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  /// The slice that this range selects of an object of `size` bytes.
  /// Errors: invalid_argument (first > last), range_not_satisfiable (it selects no byte).
  [[nodiscard]] Result<Slice> resolve(std::uint64_t size) const;

  /// As the Range header has it: "bytes=0-9", "bytes=10-", "bytes=-5".
  [[nodiscard]] std::string to_header() const;

  /// Reads a Range header of one range. nullopt for anything else: RFC 9110 has a server ignore what it cannot parse.
  static std::optional<ByteRange> from_header(std::string_view header);

  friend bool operator==(const ByteRange&, const ByteRange&) = default;

 private:
  ByteRange(std::optional<std::uint64_t> first, std::optional<std::uint64_t> last) noexcept
      : first_(first), last_(last) {}

  std::optional<std::uint64_t> first_;  // absent: the last `last_` bytes
  std::optional<std::uint64_t> last_;
};

/// Where a Payload's bytes come from. Implement it to upload from something else than memory or a file.
/// Implementations are immutable and thread-safe.
class PayloadSource {
 public:
  virtual ~PayloadSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills all of `out` with the bytes from `offset` on. REQUIRES: offset + out.size() <= size().
  /// Errors: corrupt when the source no longer has these bytes (a file that shrank), internal for I/O errors.
  [[nodiscard]] virtual Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// The bytes of an object to store: immutable, sized, readable at any offset any number of times, so that a retry or
/// a parallel part needs no rewind. Cheap to copy; copies share the bytes. Thread-safe.
class Payload {
 public:
  /// No bytes.
  Payload();
  /// REQUIRES: source is not null.
  explicit Payload(std::shared_ptr<const PayloadSource> source);

  /// The payload keeps `bytes`.
  static Payload from_string(std::string bytes);
  /// Refers to `bytes`, which must stay as they are for as long as any copy of the payload lives.
  static Payload from_memory(ByteSpan bytes);
  /// Opens the regular file at `path` and keeps it open. Its size is taken now: bytes appended later are not part of
  /// the payload, a file that shrinks fails the read with ErrorCode::corrupt. Errors: not_found, permission_denied,
  /// invalid_argument (not a regular file), internal.
  static Result<Payload> from_file(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The `length` bytes from `offset` on as a payload of their own, which shares them. REQUIRES: they lie within.
  [[nodiscard]] Payload slice(std::uint64_t offset, std::uint64_t length) const;

  /// Fills `out` with the bytes from `offset` on. Errors: invalid_argument when that is past the end; those of the
  /// source.
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const;

  /// Feeds all bytes to `sink`, in order and in pieces of at most 64 KiB.
  [[nodiscard]] Result<void> read_all(const ByteSink& sink) const;

 private:
  std::shared_ptr<const PayloadSource> source_;
  std::uint64_t size_;  // asked for once, so that it cannot change
};

}  // namespace audiostore
