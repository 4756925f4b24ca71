#include "audio/bounded_reader.h"

#include "core/checked.h"

#include <algorithm>

namespace audiostore {

std::optional<std::uint64_t> BoundedReader::big_endian(std::uint64_t offset, std::size_t width) {
  const ByteSpan bytes = view(offset, width);
  if (bytes.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

std::optional<std::uint64_t> BoundedReader::little_endian(std::uint64_t offset, std::size_t width) {
  const ByteSpan bytes = view(offset, width);
  if (bytes.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8U | std::to_integer<std::uint64_t>(bytes[i - 1]);
  return value;
}

bool BoundedReader::has(std::uint64_t offset, std::string_view text) {
  const ByteSpan bytes = view(offset, text.size());
  return !bytes.empty() && std::ranges::equal(bytes, as_bytes(text));
}

std::string BoundedReader::text(std::uint64_t offset, std::size_t count) {
  if (offset >= size_) return {};
  std::string text;
  for (const std::byte byte : view(offset, std::min<std::uint64_t>(count, size_ - offset)))
    text += static_cast<char>(byte);
  return text;
}

ByteSpan BoundedReader::view(std::uint64_t offset, std::size_t count) {
  const auto end = checked_add<std::uint64_t>(offset, count);
  if (!end || *end > size_) return {};
  const bool here = offset >= piece_offset_ && *end <= piece_offset_ + piece_length_;
  if (!here) {
    exhausted_ |= pieces_left_ == 0;
    if (failure_ || exhausted_) return {};
    --pieces_left_;
    piece_offset_ = offset;
    piece_length_ = std::min<std::uint64_t>(piece_.size(), size_ - offset);
    if (auto read = payload_.read_at(offset, std::span(piece_).first(piece_length_)); !read) {
      failure_ = std::move(read).error();
      piece_length_ = 0;
      return {};
    }
  }
  return ByteSpan(piece_).subspan(offset - piece_offset_, count);
}

}  // namespace audiostore
