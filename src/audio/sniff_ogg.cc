// Ogg pages (RFC 3533, section 6) and the first packets that name a codec (RFC 7845, section 5.1; the Vorbis I, Theora,
// Speex and Dirac specifications; RFC 9639, section 10.1).
#include "audio/sniffers.h"

#include <array>

namespace audiostore {
namespace {

using namespace std::string_view_literals;

enum class StreamKind { audio, video, refused_audio, words };

struct CodecMagic {
  std::string_view magic;
  StreamKind kind;
};

constexpr std::array<CodecMagic, 11> codecs{{
    {"OpusHead"sv, StreamKind::audio},
    {"\x01vorbis"sv, StreamKind::audio},
    {"\x7f"
     "FLAC"sv,
     StreamKind::audio},
    {"Speex   "sv, StreamKind::refused_audio},
    {"CELT    "sv, StreamKind::refused_audio},
    {"PCM     "sv, StreamKind::refused_audio},
    {"\x01"
     "audio"sv,
     StreamKind::refused_audio},
    {"fishead\0"sv, StreamKind::words},
    {"CMML\0\0\0\0"sv, StreamKind::words},
    {"\x80kate\0\0\0"sv, StreamKind::words},
    {"\x01text"sv, StreamKind::words},
}};

struct Page {
  bool begins_stream = false;
  std::uint64_t body = 0;
  std::uint64_t end = 0;
};

/// The page at `offset`; nullopt if there is none or it is cut off.
std::optional<Page> page_at(BoundedReader& reader, std::uint64_t offset) {
  constexpr std::uint64_t header_bytes = 27;
  constexpr std::uint64_t begins_stream = 2;
  if (!reader.has(offset, "OggS\0"sv) || reader.size() - offset < header_bytes) return std::nullopt;
  const auto flags = reader.big_endian(offset + 5, 1);
  const auto segments = reader.big_endian(offset + 26, 1);
  if (!flags || !segments || *segments > reader.size() - offset - header_bytes) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : reader.text(offset + header_bytes, *segments)) length += static_cast<unsigned char>(c);
  const std::uint64_t body = offset + header_bytes + *segments;
  if (length > reader.size() - body) return std::nullopt;
  return Page{(*flags & begins_stream) != 0, body, body + length};
}

/// What is neither known sound nor known words is a picture: of those there are more kinds than anybody lists.
StreamKind kind_of(BoundedReader& reader, const Page& page) {
  for (const CodecMagic& codec : codecs)
    if (page.end - page.body >= codec.magic.size() && reader.has(page.body, codec.magic)) return codec.kind;
  return StreamKind::video;
}

}  // namespace

std::optional<Sniffed> sniff_ogg(BoundedReader& reader) {
  if (!reader.has(0, "OggS")) return std::nullopt;
  TrackKinds tracks;
  bool refused_audio = false;
  auto page = page_at(reader, 0);
  if (page && !page->begins_stream) return NotAudio{"an Ogg file that begins in the middle of a stream"};
  // The first pages of all the streams stand in front of everything else (RFC 3533, section 4).
  while (page && page->begins_stream) {
    const StreamKind kind = kind_of(reader, *page);
    tracks.audio |= kind == StreamKind::audio;
    tracks.video |= kind == StreamKind::video;
    refused_audio |= kind == StreamKind::refused_audio;
    page = page_at(reader, page->end);
  }
  if (!page) return NotAudio{"an Ogg file that is cut off in its headers"};
  if (refused_audio && !tracks.audio) return NotAudio{"an Ogg file with audio that browsers do not play, e.g. Speex"};
  return judge_tracks(AudioFormat::ogg, "an Ogg file", tracks);
}

}  // namespace audiostore
