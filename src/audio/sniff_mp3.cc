// MP3, and the ID3v2 tags (id3.org, "ID3 tag version 2.4.0 - Main Structure") that stand in front of it.
#include "audio/lookalikes.h"
#include "audio/mpeg_frame.h"
#include "audio/sniffers.h"

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
  constexpr std::string_view id3 = "ID3";
  constexpr int max_tags = 4;
  if (!reader.has(0, id3)) return is_mp3_at(reader, 0) ? std::optional(AudioInfo{AudioFormat::mp3}) : std::nullopt;
  std::uint64_t offset = 0;
  for (int tags = 0; tags < max_tags && reader.has(offset, id3); ++tags) {
    const auto end = skip_id3(reader, offset);
    if (!end) return NotAudio{"an ID3 tag that is broken or longer than the file"};
    offset = *end;
  }
  offset = skip_padding(reader, offset);
  if (is_mp3_at(reader, offset)) return AudioInfo{AudioFormat::mp3};
  if (auto flac = sniff_flac_at(reader, offset)) return flac;
  return NotAudio{"an ID3 tag in front of " + describe_bytes(reader, offset)};
}

}  // namespace audiostore
