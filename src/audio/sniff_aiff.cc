// AIFF (Apple, "Audio Interchange File Format", version 1.3) and AIFF-C (Apple, draft of 1991-08-26).
#include "audio/iff_chunks.h"
#include "audio/sniffers.h"

namespace audiostore {

std::optional<Sniffed> sniff_aiff(BoundedReader& reader) {
  constexpr std::uint64_t min_comm_bytes = 18;
  if (!reader.has(0, "FORM") || !(reader.has(8, "AIFF") || reader.has(8, "AIFC"))) return std::nullopt;
  const auto comm = find_chunk(reader, 12, "COMM", ByteOrder::big);
  if (!comm) return NotAudio{"an AIFF file without a COMM chunk"};
  const auto channels = reader.big_endian(comm->body, 2);
  const bool complete = comm->length >= min_comm_bytes && reader.size() - comm->body >= min_comm_bytes;
  if (!complete || channels.value_or(0) == 0) return NotAudio{"an AIFF file with a broken COMM chunk"};
  if (!find_chunk(reader, 12, "SSND", ByteOrder::big)) return NotAudio{"an AIFF file without a sound chunk"};
  return AudioInfo{AudioFormat::aiff};
}

}  // namespace audiostore
