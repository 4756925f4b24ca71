#include "audio/id3_tags.h"

#include <string_view>

namespace audiostore {
namespace {

/// The offset behind the ID3v2 tag at `offset`, its footer included; nullopt if the tag is broken or reaches past the
/// end.
std::optional<std::uint64_t> skip_id3(BoundedReader& reader, std::uint64_t offset) {
  constexpr std::uint64_t header_bytes = 10;
  constexpr std::uint64_t has_footer = 0x10;
  const auto version = reader.big_endian(offset + 3, 2);
  const auto flags = reader.big_endian(offset + 5, 1);
  const auto size = reader.big_endian(offset + 6, 4);
  if (!version || !flags || !size) return std::nullopt;
  const bool syncsafe = (*size & 0x80808080U) == 0;
  if (!syncsafe || *version >> 8U == 0xff || (*version & 0xffU) == 0xff) return std::nullopt;
  const std::uint64_t body =
      (*size >> 24U & 0x7fU) << 21U | (*size >> 16U & 0x7fU) << 14U | (*size >> 8U & 0x7fU) << 7U | (*size & 0x7fU);
  const std::uint64_t length = header_bytes + body + ((*flags & has_footer) != 0 ? header_bytes : 0);
  if (length > reader.size() - offset) return std::nullopt;
  return offset + length;
}

/// Some taggers pad behind the tag instead of inside it.
std::uint64_t skip_padding(BoundedReader& reader, std::uint64_t offset) {
  const std::string padding = reader.text(offset, BoundedReader::piece_bytes);
  const auto end = padding.find_first_not_of('\0');
  return end == std::string::npos ? offset : offset + end;
}

}  // namespace

std::optional<std::uint64_t> skip_id3_tags(BoundedReader& reader) {
  constexpr std::string_view id3 = "ID3";
  constexpr int max_tags = 4;
  if (!reader.has(0, id3)) return 0;
  std::uint64_t offset = 0;
  for (int tags = 0; tags < max_tags && reader.has(offset, id3); ++tags) {
    const auto end = skip_id3(reader, offset);
    if (!end) return std::nullopt;
    offset = *end;
  }
  return skip_padding(reader, offset);
}

}  // namespace audiostore
