#include "audio/ogg_pages.h"

#include <string_view>

namespace audiostore {

std::optional<OggPage> ogg_page_at(BoundedReader& reader, std::uint64_t offset) {
  using namespace std::string_view_literals;
  constexpr std::uint64_t header_bytes = 27;
  constexpr std::uint64_t begins_stream = 2;
  if (!reader.has(offset, "OggS\0"sv) || reader.size() - offset < header_bytes) return std::nullopt;
  const auto flags = reader.big_endian(offset + 5, 1);
  const auto granule = reader.little_endian(offset + 6, 8);
  const auto serial = reader.little_endian(offset + 14, 4);
  const auto segments = reader.big_endian(offset + 26, 1);
  if (!flags || !granule || !serial || !segments) return std::nullopt;
  if (*segments > reader.size() - offset - header_bytes) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : reader.text(offset + header_bytes, *segments)) length += static_cast<unsigned char>(c);
  const std::uint64_t body = offset + header_bytes + *segments;
  if (length > reader.size() - body) return std::nullopt;
  return OggPage{(*flags & begins_stream) != 0, *granule, *serial, body, body + length};
}

}  // namespace audiostore
