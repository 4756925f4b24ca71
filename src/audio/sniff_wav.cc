// WAVE in RIFF (Microsoft, "Multiple channel audio data and WAVE files"), RF64 (EBU Tech 3306), BW64 (ITU-R BS.2088).
#include "audio/iff_chunks.h"
#include "audio/sniffers.h"

namespace audiostore {
namespace {

constexpr std::uint64_t min_fmt_bytes = 16;
constexpr std::uint64_t min_extensible_fmt_bytes = 40;
constexpr std::uint64_t extensible_tag = 0xfffe;

/// Any codec will do; what a decoder divides by must not be zero.
bool is_usable_fmt(BoundedReader& reader, const IffChunk& fmt) {
  if (fmt.length < min_fmt_bytes) return false;
  const auto tag = reader.little_endian(fmt.body, 2);
  if (tag == extensible_tag && fmt.length < min_extensible_fmt_bytes) return false;
  const auto channels = reader.little_endian(fmt.body + 2, 2);
  const auto sample_rate = reader.little_endian(fmt.body + 4, 4);
  const auto block_align = reader.little_endian(fmt.body + 12, 2);
  return tag.value_or(0) != 0 && channels.value_or(0) != 0 && sample_rate.value_or(0) != 0 &&
         block_align.value_or(0) != 0;
}

}  // namespace

std::optional<Sniffed> sniff_wav(BoundedReader& reader) {
  const bool riff = reader.has(0, "RIFF") || reader.has(0, "RF64") || reader.has(0, "BW64");
  if (!riff || !reader.has(8, "WAVE")) return std::nullopt;
  const auto fmt = find_chunk(reader, 12, "fmt ", ByteOrder::little);
  if (!fmt) return NotAudio{"a WAV file without a fmt chunk"};
  if (!is_usable_fmt(reader, *fmt)) return NotAudio{"a WAV file with a broken fmt chunk"};
  if (!find_chunk(reader, fmt->next, "data", ByteOrder::little)) return NotAudio{"a WAV file without a data chunk"};
  return AudioInfo{AudioFormat::wav};
}

}  // namespace audiostore
