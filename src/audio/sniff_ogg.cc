// The first packets of Ogg streams, which name a codec (RFC 7845, section 5.1; the Vorbis I, Theora, Speex and Dirac
// specifications; RFC 9639, section 10.1).
#include "audio/ogg_pages.h"
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

/// What is neither known sound nor known words is a picture: of those there are more kinds than anybody lists.
StreamKind kind_of(BoundedReader& reader, const OggPage& page) {
  for (const CodecMagic& codec : codecs)
    if (page.end - page.body >= codec.magic.size() && reader.has(page.body, codec.magic)) return codec.kind;
  return StreamKind::video;
}

}  // namespace

std::optional<Sniffed> sniff_ogg(BoundedReader& reader) {
  if (!reader.has(0, "OggS")) return std::nullopt;
  TrackKinds tracks;
  bool refused_audio = false;
  auto page = ogg_page_at(reader, 0);
  if (page && !page->begins_stream) return NotAudio{"an Ogg file that begins in the middle of a stream"};
  // The first pages of all the streams stand in front of everything else (RFC 3533, section 4).
  while (page && page->begins_stream) {
    const StreamKind kind = kind_of(reader, *page);
    tracks.audio |= kind == StreamKind::audio;
    tracks.video |= kind == StreamKind::video;
    refused_audio |= kind == StreamKind::refused_audio;
    page = ogg_page_at(reader, page->end);
  }
  if (!page) return NotAudio{"an Ogg file that is cut off in its headers"};
  if (refused_audio && !tracks.audio) return NotAudio{"an Ogg file with audio that browsers do not play, e.g. Speex"};
  return judge_tracks(AudioFormat::ogg, "an Ogg file", tracks);
}

}  // namespace audiostore
