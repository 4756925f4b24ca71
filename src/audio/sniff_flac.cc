// FLAC (RFC 9639, sections 8.1 and 8.2).
#include "audio/sniffers.h"

namespace audiostore {

std::optional<Sniffed> sniff_flac_at(BoundedReader& reader, std::uint64_t offset) {
  if (!reader.has(offset, "fLaC")) return std::nullopt;
  constexpr std::uint64_t streaminfo_type = 0;
  constexpr std::uint64_t streaminfo_bytes = 34;
  constexpr std::uint64_t min_block_size = 16;
  const std::uint64_t header = offset + 4;  // has() saw these four bytes, so that there is no overflow
  if (reader.size() - header < 4 + streaminfo_bytes) return NotAudio{"a FLAC file that is cut off in its header"};
  const auto type = reader.big_endian(header, 1);
  const auto length = reader.big_endian(header + 1, 3);
  const auto block_size = reader.big_endian(header + 4, 2);
  const auto sample_rate = reader.big_endian(header + 14, 3);  // the upper 20 of these 24 bits
  const bool usable = type && (*type & 0x7fU) == streaminfo_type && length == streaminfo_bytes &&
                      block_size.value_or(0) >= min_block_size && sample_rate.value_or(0) >> 4U != 0;
  if (!usable) return NotAudio{"a FLAC file with a broken STREAMINFO block"};
  return AudioInfo{AudioFormat::flac};
}

std::optional<Sniffed> sniff_flac(BoundedReader& reader) { return sniff_flac_at(reader, 0); }

}  // namespace audiostore
