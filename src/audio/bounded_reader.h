// Looking into a payload here and there, within fixed bounds.
#pragma once

#include <audiostore/bytes.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// Reads a payload in pieces of 4 KiB, wherever the structure of a file leads, and stops giving bytes after so many of
/// them (64: hostile sizes and offsets cost no more than 256 KiB of reading). Asking for bytes that are not there
/// (behind the end, over the bound, or the payload failed) is no mistake; the answer is none. One thread at a time.
class BoundedReader {
 public:
  static constexpr std::size_t piece_bytes = 4096;
  static constexpr int max_pieces = 64;
  /// What lies behind is as good as not there, so that an offset in the payload plus a few bytes never overflows.
  static constexpr std::uint64_t max_size = std::uint64_t{1} << 62U;

  /// `payload` must outlive the reader.
  explicit BoundedReader(const Payload& payload, int pieces = max_pieces)
      : payload_(payload), size_(std::min(payload.size(), max_size)), pieces_left_(pieces) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The unsigned number in the `width` (1 to 8) bytes from `offset` on.
  std::optional<std::uint64_t> big_endian(std::uint64_t offset, std::size_t width);
  std::optional<std::uint64_t> little_endian(std::uint64_t offset, std::size_t width);

  /// True when `text` stands at `offset`.
  bool has(std::uint64_t offset, std::string_view text);

  /// The `count` bytes from `offset` on, fewer at the end. REQUIRES: count <= piece_bytes.
  std::string text(std::uint64_t offset, std::size_t count);

  /// True once bytes were asked for that are over the bound: what they would have said is not known.
  [[nodiscard]] bool is_exhausted() const noexcept { return exhausted_; }

  /// Why the payload could not be read; such a file is neither audio nor anything else.
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

 private:
  /// All `count` bytes, or none. Valid until the next call.
  ByteSpan view(std::uint64_t offset, std::size_t count);

  const Payload& payload_;
  std::uint64_t size_;
  std::array<std::byte, piece_bytes> piece_;
  std::uint64_t piece_offset_ = 0;
  std::size_t piece_length_ = 0;
  int pieces_left_;
  bool exhausted_ = false;
  std::optional<Error> failure_;
};

}  // namespace audiostore
