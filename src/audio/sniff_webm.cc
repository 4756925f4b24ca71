// WebM: is it that, and what are its tracks?
#include "audio/sniffers.h"
#include "audio/webm_elements.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

using namespace std::string_view_literals;

/// The element's text up to the first zero byte, which may pad it (RFC 8794, section 7.4).
std::string text_of(BoundedReader& reader, const EbmlElement& element) {
  constexpr std::uint64_t longest = 32;
  const std::string text = reader.text(element.body, std::min(element.end - element.body, longest));
  return text.substr(0, text.find('\0'));
}

/// The one element of that ID among those in `parent`. nullopt: none, several, or broken ones beside it.
std::optional<EbmlElement> only_element(BoundedReader& reader, const EbmlElement& parent, std::uint64_t id) {
  std::optional<EbmlElement> only;
  for (std::uint64_t offset = parent.body; offset < parent.end;) {
    const auto element = ebml_element_at(reader, offset, parent.end);
    if (!element || !element->closed || (only && element->id == id)) return std::nullopt;
    offset = element->end;
    if (element->id == id) only = element;
  }
  return only;
}

/// nullopt when it cannot be told, or two readers could tell two things.
std::optional<TrackKinds> read_track(BoundedReader& reader, const EbmlElement& entry) {
  constexpr std::uint64_t type_video = 1;
  constexpr std::uint64_t type_audio = 2;
  constexpr std::uint64_t type_complex = 3;  // both in one
  const auto type = only_element(reader, entry, webm_id::track_type);
  if (!type || type->end == type->body || type->end - type->body > 8) return std::nullopt;
  const auto value = reader.big_endian(type->body, type->end - type->body);
  if (!value) return std::nullopt;
  const bool has_picture = find_ebml_element(reader, entry.body, entry.end, webm_id::video).has_value();
  return TrackKinds{.audio = *value == type_audio || *value == type_complex,
                    .video = *value == type_video || *value == type_complex || has_picture};
}

/// False when the tracks cannot all be told, so that a picture cannot hide behind a broken element.
bool add_tracks(BoundedReader& reader, const EbmlElement& tracks, TrackKinds& kinds) {
  for (std::uint64_t offset = tracks.body; offset < tracks.end;) {
    const auto entry = ebml_element_at(reader, offset, tracks.end);
    if (!entry || !entry->closed) return false;
    offset = entry->end;
    if (entry->id != webm_id::track_entry) continue;
    const auto track = read_track(reader, *entry);
    if (!track) return false;
    kinds.audio |= track->audio;
    kinds.video |= track->video;
  }
  return true;
}

struct SegmentTracks {
  int elements = 0;
  TrackKinds kinds;
};

/// Takes in every Tracks element up to the first cluster, where players begin to play. Tracks may be repeated (RFC
/// 9559, section 5.1.4), and some players add up what the copies say. nullopt: something there is broken, of unknown
/// size, or out of reach, so that more tracks could hide behind it.
std::optional<SegmentTracks> read_segment(BoundedReader& reader, const EbmlElement& segment) {
  SegmentTracks found;
  for (std::uint64_t offset = segment.body; offset < segment.end;) {
    const auto element = ebml_element_at(reader, offset, segment.end);
    if (element && element->id == webm_id::cluster) return found;
    if (!element || !element->closed || element->id == webm_id::segment || element->id == webm_id::ebml)
      return std::nullopt;
    offset = element->end;
    if (element->id != webm_id::tracks) continue;
    if (!add_tracks(reader, *element, found.kinds)) return std::nullopt;
    ++found.elements;
  }
  // Without a cluster players go on looking behind the segment.
  return segment.end == reader.size() ? std::optional(found) : std::nullopt;
}

}  // namespace

std::optional<Sniffed> sniff_webm(BoundedReader& reader) {
  if (!reader.has(0, "\x1a\x45\xdf\xa3"sv)) return std::nullopt;
  const auto header = ebml_element_at(reader, 0, reader.size());
  const auto doc_type = header && header->closed ? only_element(reader, *header, webm_id::doc_type) : std::nullopt;
  if (!doc_type) return NotAudio{"an EBML file without a DocType"};
  const std::string type = text_of(reader, *doc_type);
  if (type == "matroska") return NotAudio{"a Matroska file"};
  if (type != "webm") return NotAudio{fmt::format("an EBML file of DocType '{}'", type)};
  const auto segment = webm_segment_behind(reader, *header);
  if (!segment) return NotAudio{"a WebM file without a segment"};
  if (find_ebml_element(reader, segment->end, reader.size(), webm_id::segment))
    return NotAudio{"a WebM file of two segments"};
  const auto tracks = read_segment(reader, *segment);
  if (!tracks) return NotAudio{"a WebM file with broken elements in front of its clusters"};
  if (tracks->elements == 0) return NotAudio{"a WebM file without tracks in front of its clusters"};
  return judge_tracks(AudioFormat::webm, "a WebM file", tracks->kinds);
}

}  // namespace audiostore
