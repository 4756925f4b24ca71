// How long an Ogg file is: the position on its last page, in what the codec counts (RFC 7845, sections 4 and 5.1; the
// Vorbis I specification, section 4.2.2; RFC 9639, section 10.1).
#include "audio/find_last.h"
#include "audio/flac_stream_info.h"
#include "audio/ogg_pages.h"
#include "audio/probers.h"

#include <string_view>

namespace audiostore {
namespace {

using namespace std::string_view_literals;

struct SoundStream {
  SoundFacts facts;
  std::uint64_t pre_skip = 0;  // samples in front of the sound, which the position counts
};

bool begins_with(BoundedReader& reader, const OggPage& page, std::string_view magic, std::uint64_t packet_bytes) {
  return page.end - page.body >= packet_bytes && reader.has(page.body, magic);
}

std::optional<SoundStream> read_opus(BoundedReader& reader, const OggPage& page) {
  constexpr std::uint64_t opus_rate = 48'000;  // of the decoder, whatever was recorded
  constexpr std::uint64_t packet_bytes = 19;
  if (!begins_with(reader, page, "OpusHead", packet_bytes)) return std::nullopt;
  return SoundStream{{reader.big_endian(page.body + 9, 1).value_or(0), opus_rate},
                     reader.little_endian(page.body + 10, 2).value_or(0)};
}

std::optional<SoundStream> read_vorbis(BoundedReader& reader, const OggPage& page) {
  constexpr std::uint64_t packet_bytes = 30;
  if (!begins_with(reader, page, "\x01vorbis", packet_bytes)) return std::nullopt;
  return SoundStream{
      {reader.big_endian(page.body + 11, 1).value_or(0), reader.little_endian(page.body + 12, 4).value_or(0)}};
}

std::optional<SoundStream> read_flac(BoundedReader& reader, const OggPage& page) {
  constexpr std::uint64_t mapping_magic_and_block_header = 17;
  constexpr std::uint64_t packet_bytes = mapping_magic_and_block_header + 34;
  constexpr auto magic =
      "\x7f"
      "FLAC"sv;
  if (!begins_with(reader, page, magic, packet_bytes)) return std::nullopt;
  const auto info = flac_stream_info_at(reader, page.body + mapping_magic_and_block_header);
  return info ? std::optional(SoundStream{{info->channels, info->sample_rate}}) : std::nullopt;
}

std::optional<SoundStream> read_stream(BoundedReader& reader, const OggPage& page) {
  if (auto opus = read_opus(reader, page)) return opus;
  if (auto vorbis = read_vorbis(reader, page)) return vorbis;
  return read_flac(reader, page);
}

/// The position at the end of the stream. nullopt: its last page is not at the end of the file, or another stream is
/// chained behind it.
std::optional<std::uint64_t> last_position(BoundedReader& tail, std::uint64_t serial) {
  std::optional<OggPage> last;
  const auto found = find_last(tail, "OggS", [&](std::uint64_t offset) {
    const auto page = ogg_page_at(tail, offset);
    const bool fits = page && page->serial == serial && page->granule != OggPage::no_granule;
    if (fits) last = page;
    return fits;
  });
  if (!found) return std::nullopt;
  const auto next = ogg_page_at(tail, last->end);
  return next && next->begins_stream ? std::nullopt : std::optional(last->granule);
}

}  // namespace

SoundFacts probe_ogg(BoundedReader& reader, BoundedReader& tail) {
  for (auto page = ogg_page_at(reader, 0); page && page->begins_stream; page = ogg_page_at(reader, page->end)) {
    auto stream = read_stream(reader, *page);
    if (!stream) continue;
    const auto position = last_position(tail, page->serial);
    if (position && *position >= stream->pre_skip) {
      stream->facts.duration = time_of(*position - stream->pre_skip, stream->facts.sample_rate);
    }
    return stream->facts;
  }
  return {};
}

}  // namespace audiostore
