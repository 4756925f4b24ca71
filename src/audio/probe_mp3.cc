// How long an MP3 file is: the number of frames that its encoder has put into the first one (Xing's and LAME's tag,
// Fraunhofer's VBRI), or an estimate from the frames at its beginning.
#include "audio/id3_tags.h"
#include "audio/mpeg_frame.h"
#include "audio/probers.h"
#include "core/checked.h"

#include <string_view>

namespace audiostore {
namespace {

constexpr std::uint64_t header_bytes = 4;
constexpr std::uint64_t shortest_frame = 24;  // 576 samples at 24 kHz and 8 kbit/s

std::optional<Mp3Frame> frame_at(BoundedReader& reader, std::uint64_t offset) {
  const auto word = reader.big_endian(offset, 4);
  return word ? mp3_frame(static_cast<std::uint32_t>(*word)) : std::nullopt;
}

/// The samples that encoders put in front of the sound and behind it: LAME's tag, which ffmpeg writes too. `tag` is the
/// offset of Xing's, whose fields there are as `flags` say.
std::uint64_t padding_samples(BoundedReader& reader, std::uint64_t tag, std::uint64_t flags) {
  constexpr std::uint64_t delays = 21;
  const std::uint64_t lame = tag + 8 + ((flags & 1U) != 0 ? 4 : 0) + ((flags & 2U) != 0 ? 4 : 0) +
                             ((flags & 4U) != 0 ? 100 : 0) + ((flags & 8U) != 0 ? 4 : 0);
  if (!reader.has(lame, "LAME") && !reader.has(lame, "Lavf") && !reader.has(lame, "Lavc")) return 0;
  const std::uint64_t both = reader.big_endian(lame + delays, 3).value_or(0);
  return (both >> 12U) + (both & 0xfffU);
}

/// How many samples the first frame, which has no sound, says there are. nullopt: it is a frame like the others, or
/// says of more frames than there is room for.
std::optional<std::uint64_t> declared_samples(BoundedReader& reader, std::uint64_t offset, const Mp3Frame& frame) {
  constexpr std::uint64_t vbri_place = 32;
  constexpr std::uint64_t vbri_frames = 14;
  constexpr std::uint64_t has_frames = 1;
  const std::uint64_t xing = offset + header_bytes + frame.side_info;
  const std::uint64_t vbri = offset + header_bytes + vbri_place;
  std::optional<std::uint64_t> frames;
  std::uint64_t padding = 0;
  if (reader.has(xing, "Xing") || reader.has(xing, "Info")) {
    const std::uint64_t flags = reader.big_endian(xing + 4, 4).value_or(0);
    if ((flags & has_frames) != 0) frames = reader.big_endian(xing + 8, 4);
    padding = padding_samples(reader, xing, flags);
  } else if (reader.has(vbri, "VBRI")) {
    frames = reader.big_endian(vbri + vbri_frames, 4);
  }
  if (frames.value_or(0) == 0 || *frames > reader.size() / shortest_frame) return std::nullopt;
  const std::uint64_t samples = *frames * frame.samples;
  return samples > padding ? samples - padding : samples;
}

/// Where the tags behind the sound begin (ID3v1; APEv2), or the file ends.
std::uint64_t end_of_sound(BoundedReader& reader) {
  constexpr std::uint64_t id3v1_bytes = 128;
  constexpr std::uint64_t ape_footer_bytes = 32;
  constexpr std::uint64_t ape_has_header = 0x80000000;
  std::uint64_t end = reader.size();
  if (end >= id3v1_bytes && reader.has(end - id3v1_bytes, "TAG")) end -= id3v1_bytes;
  if (end < ape_footer_bytes || !reader.has(end - ape_footer_bytes, "APETAGEX")) return end;
  const std::uint64_t footer = end - ape_footer_bytes;
  const std::uint64_t flags = reader.little_endian(footer + 20, 4).value_or(0);
  const std::uint64_t tag =
      reader.little_endian(footer + 12, 4).value_or(0) + ((flags & ape_has_header) != 0 ? ape_footer_bytes : 0);
  return tag > end ? end : end - tag;
}

/// How many samples there are if all frames are like those at the beginning, which they are at a constant bit rate.
std::optional<std::uint64_t> estimated_samples(BoundedReader& reader, std::uint64_t offset, const Mp3Frame& first) {
  constexpr std::uint64_t enough_frames = 128;
  const std::uint64_t end = end_of_sound(reader);
  const std::uint64_t begin = offset;
  std::uint64_t frames = 0;
  while (frames < enough_frames) {
    const auto frame = offset < end ? frame_at(reader, offset) : std::nullopt;
    if (!frame || frame->sample_rate != first.sample_rate || frame->length > end - offset) break;
    offset += frame->length;
    ++frames;
  }
  if (frames == 0) return std::nullopt;
  const auto product = checked_multiply(end - begin, frames * first.samples);
  return product ? std::optional(*product / (offset - begin)) : std::nullopt;
}

}  // namespace

SoundFacts probe_mp3(BoundedReader& reader) {
  const auto begin = skip_id3_tags(reader);
  const auto frame = begin ? frame_at(reader, *begin) : std::nullopt;
  if (!frame) return {};
  SoundFacts facts{.channels = frame->channels, .sample_rate = frame->sample_rate};
  auto samples = declared_samples(reader, *begin, *frame);
  if (!samples) samples = estimated_samples(reader, *begin, *frame);
  if (samples) facts.duration = time_of(*samples, frame->sample_rate);
  return facts;
}

}  // namespace audiostore
