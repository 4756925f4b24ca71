// WebM: EBML (RFC 8794, sections 4 to 6) with the elements of Matroska (RFC 9559, section 5.1).
#include "audio/sniffers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace audiostore {
namespace {

using namespace std::string_view_literals;

// Element IDs, marker bits included.
constexpr std::uint64_t id_ebml = 0x1a45dfa3;
constexpr std::uint64_t id_doc_type = 0x4282;
constexpr std::uint64_t id_void = 0xec;
constexpr std::uint64_t id_segment = 0x18538067;
constexpr std::uint64_t id_tracks = 0x1654ae6b;
constexpr std::uint64_t id_track_entry = 0xae;
constexpr std::uint64_t id_track_type = 0x83;
constexpr std::uint64_t id_video = 0xe0;
constexpr std::uint64_t id_cluster = 0x1f43b675;

/// A variable-size integer: as many bytes as its first byte has leading zero bits, and one.
struct Vint {
  std::uint64_t raw = 0;  // with the marker bit
  std::size_t length = 0;

  /// The number of bits behind the marker bit.
  [[nodiscard]] std::size_t value_bits() const noexcept { return 7 * length; }
  [[nodiscard]] std::uint64_t value() const noexcept { return raw & ((std::uint64_t{1} << value_bits()) - 1); }
  [[nodiscard]] bool all_ones() const noexcept { return value() == (std::uint64_t{1} << value_bits()) - 1; }
};

std::optional<Vint> vint_at(BoundedReader& reader, std::uint64_t offset, std::size_t max_length) {
  const auto first = reader.big_endian(offset, 1);
  if (!first || *first == 0) return std::nullopt;
  const auto length = static_cast<std::size_t>(std::countl_zero(static_cast<std::uint8_t>(*first))) + 1;
  if (length > max_length) return std::nullopt;
  const auto raw = reader.big_endian(offset, length);
  return raw ? std::optional(Vint{*raw, length}) : std::nullopt;
}

struct Element {
  std::uint64_t id = 0;
  std::uint64_t body = 0;  // offset
  std::uint64_t end = 0;
  bool closed = false;  // false: of unknown size, or longer than what it is in; then `end` is where that ends
};

/// The element at `offset`, which lies in one that ends at `limit`. REQUIRES: offset <= limit <= reader.size().
std::optional<Element> element_at(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit) {
  const auto id = vint_at(reader, offset, 4);
  const auto size = id ? vint_at(reader, offset + id->length, 8) : std::nullopt;
  if (!size || id->length + size->length > limit - offset) return std::nullopt;
  const std::uint64_t body = offset + id->length + size->length;
  const bool closed = !size->all_ones() && size->value() <= limit - body;
  return Element{id->raw, body, closed ? body + size->value() : limit, closed};
}

/// The first element of that ID between `offset` and `limit`. nullopt: none, or behind one whose end is not known.
std::optional<Element> find_element(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit,
                                    std::uint64_t id) {
  auto element = element_at(reader, offset, limit);
  while (element && element->id != id) element = element_at(reader, element->end, limit);
  return element;
}

/// The element's text up to the first zero byte, which may pad it (RFC 8794, section 7.4).
std::string text_of(BoundedReader& reader, const Element& element) {
  constexpr std::uint64_t longest = 32;
  const std::string text = reader.text(element.body, std::min(element.end - element.body, longest));
  return text.substr(0, text.find('\0'));
}

/// The one element of that ID among those in `parent`. nullopt: none, several, or broken ones beside it.
std::optional<Element> only_element(BoundedReader& reader, const Element& parent, std::uint64_t id) {
  std::optional<Element> only;
  for (std::uint64_t offset = parent.body; offset < parent.end;) {
    const auto element = element_at(reader, offset, parent.end);
    if (!element || !element->closed || (only && element->id == id)) return std::nullopt;
    offset = element->end;
    if (element->id == id) only = element;
  }
  return only;
}

/// nullopt when it cannot be told, or two readers could tell two things.
std::optional<TrackKinds> read_track(BoundedReader& reader, const Element& entry) {
  constexpr std::uint64_t type_video = 1;
  constexpr std::uint64_t type_audio = 2;
  constexpr std::uint64_t type_complex = 3;  // both in one
  const auto type = only_element(reader, entry, id_track_type);
  if (!type || type->end == type->body || type->end - type->body > 8) return std::nullopt;
  const auto value = reader.big_endian(type->body, type->end - type->body);
  if (!value) return std::nullopt;
  const bool has_picture = find_element(reader, entry.body, entry.end, id_video).has_value();
  return TrackKinds{.audio = *value == type_audio || *value == type_complex,
                    .video = *value == type_video || *value == type_complex || has_picture};
}

/// False when the tracks cannot all be told, so that a picture cannot hide behind a broken element.
bool add_tracks(BoundedReader& reader, const Element& tracks, TrackKinds& kinds) {
  for (std::uint64_t offset = tracks.body; offset < tracks.end;) {
    const auto entry = element_at(reader, offset, tracks.end);
    if (!entry || !entry->closed) return false;
    offset = entry->end;
    if (entry->id != id_track_entry) continue;
    const auto track = read_track(reader, *entry);
    if (!track) return false;
    kinds.audio |= track->audio;
    kinds.video |= track->video;
  }
  return true;
}

/// The segment, with nothing but padding in front of it.
std::optional<Element> segment_behind(BoundedReader& reader, const Element& header) {
  auto element = element_at(reader, header.end, reader.size());
  while (element && element->id == id_void) element = element_at(reader, element->end, reader.size());
  return element && element->id == id_segment ? element : std::nullopt;
}

struct SegmentTracks {
  int elements = 0;
  TrackKinds kinds;
};

/// Takes in every Tracks element up to the first cluster, where players begin to play. Tracks may be repeated (RFC
/// 9559, section 5.1.4), and some players add up what the copies say. nullopt: something there is broken, of unknown
/// size, or out of reach, so that more tracks could hide behind it.
std::optional<SegmentTracks> read_segment(BoundedReader& reader, const Element& segment) {
  SegmentTracks found;
  for (std::uint64_t offset = segment.body; offset < segment.end;) {
    const auto element = element_at(reader, offset, segment.end);
    if (element && element->id == id_cluster) return found;
    if (!element || !element->closed || element->id == id_segment || element->id == id_ebml) return std::nullopt;
    offset = element->end;
    if (element->id != id_tracks) continue;
    if (!add_tracks(reader, *element, found.kinds)) return std::nullopt;
    ++found.elements;
  }
  // Without a cluster players go on looking behind the segment.
  return segment.end == reader.size() ? std::optional(found) : std::nullopt;
}

}  // namespace

std::optional<Sniffed> sniff_webm(BoundedReader& reader) {
  if (!reader.has(0, "\x1a\x45\xdf\xa3"sv)) return std::nullopt;
  const auto header = element_at(reader, 0, reader.size());
  const auto doc_type = header && header->closed ? only_element(reader, *header, id_doc_type) : std::nullopt;
  if (!doc_type) return NotAudio{"an EBML file without a DocType"};
  const std::string type = text_of(reader, *doc_type);
  if (type == "matroska") return NotAudio{"a Matroska file"};
  if (type != "webm") return NotAudio{fmt::format("an EBML file of DocType '{}'", type)};
  const auto segment = segment_behind(reader, *header);
  if (!segment) return NotAudio{"a WebM file without a segment"};
  if (find_element(reader, segment->end, reader.size(), id_segment)) return NotAudio{"a WebM file of two segments"};
  const auto tracks = read_segment(reader, *segment);
  if (!tracks) return NotAudio{"a WebM file with broken elements in front of its clusters"};
  if (tracks->elements == 0) return NotAudio{"a WebM file without tracks in front of its clusters"};
  return judge_tracks(AudioFormat::webm, "a WebM file", tracks->kinds);
}

}  // namespace audiostore
