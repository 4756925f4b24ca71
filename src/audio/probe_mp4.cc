// How long an MP4 file is: the movie's header, its sound track's, or its fragments (ISO 14496-12, sections 8.2 to 8.4,
// 8.5.2, 8.8 and 12.2.3).
#include "audio/aac_config.h"
#include "audio/mp4_fragments.h"
#include "audio/probers.h"

namespace audiostore {
namespace {

constexpr std::uint64_t version_and_flags = 4;

/// A duration as files have it, with the units there are in a second.
struct ScaledTime {
  std::uint64_t units = 0;  // 0: not known
  std::uint64_t scale = 0;

  [[nodiscard]] std::optional<std::chrono::milliseconds> time() const {
    return units == 0 ? std::nullopt : time_of(units, scale);
  }
};

bool is_version_1(BoundedReader& reader, const IsoBox& box) { return iso_field(reader, box, 0, 1) == 1; }

/// The number of 32 bits, or in version 1 of 64; 0 where all of them are set, which says that it is not known.
std::uint64_t duration_at(BoundedReader& reader, const IsoBox& box, std::uint64_t at) {
  const bool wide = is_version_1(reader, box);
  const std::uint64_t units = iso_field(reader, box, at, wide ? 8 : 4).value_or(0);
  return units == (wide ? UINT64_MAX : UINT32_MAX) ? 0 : units;
}

/// Of a movie's header (mvhd) or a medium's (mdhd), which begin alike.
ScaledTime read_header(BoundedReader& reader, const std::optional<IsoBox>& header) {
  if (!header) return {};
  const std::uint64_t scale = version_and_flags + (is_version_1(reader, *header) ? 16 : 8);  // behind two dates
  return {duration_at(reader, *header, scale + 4), iso_field(reader, *header, scale, 4).value_or(0)};
}

/// The kind of sound that the first sample entry has.
void read_entry(BoundedReader& reader, const IsoBox& stsd, SoundFacts& facts) {
  constexpr std::uint64_t version_and_count = 8;
  constexpr std::uint64_t entry_bytes = 28;  // in front of the boxes in it
  if (stsd.length() < version_and_count) return;
  const auto entry = iso_box_at(reader, stsd.body + version_and_count, stsd.end);
  if (!entry || entry->length() < entry_bytes) return;
  facts.channels = iso_field(reader, *entry, 16, 2).value_or(0);
  facts.sample_rate = iso_field(reader, *entry, 24, 2).value_or(0);  // 16 more bits are the fraction
  const auto esds = find_iso_box(reader, entry->body + entry_bytes, entry->end, "esds");
  const auto aac = esds ? read_aac_config(reader, *esds) : std::nullopt;
  if (!aac) return;
  if (aac->channels != 0) facts.channels = aac->channels;
  if (aac->sample_rate != 0) facts.sample_rate = aac->sample_rate;
}

struct SoundTrack {
  std::uint64_t id = 0;
  ScaledTime duration;
  SoundFacts facts;
};

/// nullopt: it is a track of something else.
std::optional<SoundTrack> read_track(BoundedReader& reader, const IsoBox& trak) {
  const auto mdia = find_iso_box(reader, trak, "mdia");
  const auto hdlr = mdia ? find_iso_box(reader, *mdia, "hdlr") : std::nullopt;
  if (!hdlr || !reader.has(hdlr->body + 8, "soun")) return std::nullopt;
  SoundTrack track;
  track.duration = read_header(reader, find_iso_box(reader, *mdia, "mdhd"));
  if (const auto tkhd = find_iso_box(reader, trak, "tkhd")) {
    track.id = iso_field(reader, *tkhd, version_and_flags + (is_version_1(reader, *tkhd) ? 16 : 8), 4).value_or(0);
  }
  const auto minf = find_iso_box(reader, *mdia, "minf");
  const auto stbl = minf ? find_iso_box(reader, *minf, "stbl") : std::nullopt;
  const auto stsd = stbl ? find_iso_box(reader, *stbl, "stsd") : std::nullopt;
  if (stsd) read_entry(reader, *stsd, track.facts);
  return track;
}

std::optional<SoundTrack> find_sound(BoundedReader& reader, const IsoBox& moov) {
  for (auto trak = find_iso_box(reader, moov, "trak"); trak; trak = find_iso_box(reader, trak->end, moov.end, "trak")) {
    if (auto track = read_track(reader, *trak)) return track;
  }
  return std::nullopt;
}

/// How long a sample of the track is where its fragment does not say (trex).
std::uint64_t sample_duration(BoundedReader& reader, const IsoBox& mvex, std::uint64_t track) {
  for (auto trex = find_iso_box(reader, mvex, "trex"); trex; trex = find_iso_box(reader, trex->end, mvex.end, "trex")) {
    if (iso_field(reader, *trex, version_and_flags, 4) == track) return iso_field(reader, *trex, 12, 4).value_or(0);
  }
  return 0;
}

/// Of a fragmented file, whose movie header is of what is in front of the fragments.
std::optional<std::chrono::milliseconds> fragmented_duration(BoundedReader& reader, BoundedReader& tail,
                                                             const IsoBox& mvex, std::uint64_t movie_scale,
                                                             std::uint64_t behind_moov, const SoundTrack& track) {
  const auto mehd = find_iso_box(reader, mvex, "mehd");
  const ScaledTime declared{mehd ? duration_at(reader, *mehd, version_and_flags) : 0, movie_scale};
  if (const auto time = declared.time()) return time;
  const FragmentedTrack wanted{track.id, sample_duration(reader, mvex, track.id)};
  const auto units = fragments_duration(reader, behind_moov, tail, wanted);
  return units ? time_of(*units, track.duration.scale) : std::nullopt;
}

}  // namespace

SoundFacts probe_mp4(BoundedReader& reader, BoundedReader& tail) {
  const auto moov = find_iso_box(reader, 0, reader.size(), "moov");
  auto track = moov ? find_sound(reader, *moov) : std::nullopt;
  if (!track) return {};
  const ScaledTime movie = read_header(reader, find_iso_box(reader, *moov, "mvhd"));
  if (const auto mvex = find_iso_box(reader, *moov, "mvex")) {
    track->facts.duration = fragmented_duration(reader, tail, *mvex, movie.scale, moov->end, *track);
  } else if (const auto time = movie.time()) {  // with edits: without the encoder's padding
    track->facts.duration = time;
  } else {
    track->facts.duration = track->duration.time();
  }
  return track->facts;
}

}  // namespace audiostore
