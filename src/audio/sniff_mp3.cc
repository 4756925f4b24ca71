// MP3, with or without tags in front.
#include "audio/id3_tags.h"
#include "audio/lookalikes.h"
#include "audio/mpeg_frame.h"
#include "audio/sniffers.h"

namespace audiostore {
namespace {

/// True where the sound ends: at the end of the file, or at the tags that end one (ID3v1; APEv2, whose header says how
/// long it is).
bool is_end_of_sound(BoundedReader& reader, std::uint64_t offset) {
  constexpr std::uint64_t id3v1_bytes = 128;
  constexpr std::uint64_t ape_header_bytes = 32;
  const std::uint64_t left = reader.size() - offset;
  if (left == 0 || (left == id3v1_bytes && reader.has(offset, "TAG"))) return true;
  if (!reader.has(offset, "APETAGEX")) return false;
  const std::uint64_t ape = ape_header_bytes + reader.little_endian(offset + 12, 4).value_or(0);
  return left == ape || (left == ape + id3v1_bytes && reader.has(offset + ape, "TAG"));
}

/// A sync word turns up in any random kilobyte, and a second header of the same stream where the first one says once in
/// some hundred thousand, so that it takes three. A file with fewer must end where a frame does.
bool is_mp3_at(BoundedReader& reader, std::uint64_t offset) {
  constexpr int enough_frames = 3;
  std::uint32_t previous = 0;
  for (int frames = 0; frames < enough_frames; ++frames) {
    const auto word = reader.big_endian(offset, 4);
    const auto header = static_cast<std::uint32_t>(word.value_or(0));
    const auto length = mp3_frame_length(header);
    if (!length || (frames > 0 && !same_mpeg_stream(header, previous))) return false;
    if (*length > reader.size() - offset) return false;
    offset += *length;
    if (is_end_of_sound(reader, offset)) return true;
    previous = header;
  }
  return true;
}

}  // namespace

std::optional<Sniffed> sniff_mp3(BoundedReader& reader) {
  if (!reader.has(0, "ID3")) return is_mp3_at(reader, 0) ? std::optional(AudioInfo{AudioFormat::mp3}) : std::nullopt;
  const auto offset = skip_id3_tags(reader);
  if (!offset) return NotAudio{"an ID3 tag that is broken or longer than the file"};
  if (is_mp3_at(reader, *offset)) return AudioInfo{AudioFormat::mp3};
  if (auto flac = sniff_flac_at(reader, *offset)) return flac;
  return NotAudio{"an ID3 tag in front of " + describe_bytes(reader, *offset)};
}

}  // namespace audiostore
