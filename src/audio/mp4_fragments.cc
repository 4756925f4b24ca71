#include "audio/mp4_fragments.h"

#include "audio/find_last.h"
#include "core/checked.h"

namespace audiostore {
namespace {

constexpr std::uint64_t version_and_flags = 4;
constexpr std::uint64_t smallest_box = 8;

/// A part of the track, in its own time.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::optional<std::uint64_t> flags_of(BoundedReader& reader, const IsoBox& box) { return iso_field(reader, box, 1, 3); }

/// How long the samples of a run (trun) are.
std::optional<std::uint64_t> run_duration(BoundedReader& reader, const IsoBox& run, std::uint64_t sample_duration) {
  const auto flags = flags_of(reader, run);
  const auto samples = iso_field(reader, run, version_and_flags, 4);
  if (!flags || !samples) return std::nullopt;
  const auto field = [&](std::uint64_t flag) -> std::uint64_t { return (*flags & flag) != 0 ? 4 : 0; };
  if (field(0x100) == 0) return checked_multiply(*samples, sample_duration);
  const std::uint64_t fields = version_and_flags + 4 + field(0x1) + field(0x4);
  const std::uint64_t sample_bytes = field(0x100) + field(0x200) + field(0x400) + field(0x800);
  if (fields > run.length()) return std::nullopt;
  std::uint64_t sum = 0;  // of less than 2^32 numbers below 2^32
  for (std::uint64_t i = 0; i < *samples; ++i) {
    const auto duration = iso_field(reader, run, fields + i * sample_bytes, 4);
    if (!duration) return std::nullopt;
    sum += *duration;
  }
  return sum;
}

/// The duration of samples in a track's part (traf) of a fragment that do not have one of their own.
std::uint64_t default_duration(BoundedReader& reader, const IsoBox& header, const FragmentedTrack& track) {
  const std::uint64_t flags = flags_of(reader, header).value_or(0);
  const std::uint64_t skipped = ((flags & 1U) != 0 ? 8 : 0) + ((flags & 2U) != 0 ? 4 : 0);
  if ((flags & 8U) == 0) return track.sample_duration;
  return iso_field(reader, header, version_and_flags + 4 + skipped, 4).value_or(0);
}

std::optional<Span> read_part(BoundedReader& reader, const IsoBox& part, const IsoBox& header,
                              const FragmentedTrack& track) {
  const auto time = find_iso_box(reader, part, "tfdt");
  const std::uint64_t width = time && iso_field(reader, *time, 0, 1) == 1 ? 8 : 4;
  const auto begin = time ? iso_field(reader, *time, version_and_flags, width) : std::nullopt;
  if (!begin) return std::nullopt;
  const std::uint64_t sample_duration = default_duration(reader, header, track);
  std::optional<std::uint64_t> end = begin;
  for (auto run = find_iso_box(reader, part, "trun"); run && end;
       run = find_iso_box(reader, run->end, part.end, "trun")) {
    const auto duration = run_duration(reader, *run, sample_duration);
    end = duration ? checked_add(*end, *duration) : std::nullopt;
  }
  return end ? std::optional(Span{*begin, *end}) : std::nullopt;
}

/// The track's part of a fragment (moof).
std::optional<Span> read_fragment(BoundedReader& reader, const IsoBox& fragment, const FragmentedTrack& track) {
  for (auto part = find_iso_box(reader, fragment, "traf"); part;
       part = find_iso_box(reader, part->end, fragment.end, "traf")) {
    const auto header = find_iso_box(reader, *part, "tfhd");
    const bool is_it = header && iso_field(reader, *header, version_and_flags, 4) == track.id;
    if (is_it) return read_part(reader, *part, *header, track);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> fragments_duration(BoundedReader& reader, std::uint64_t offset, BoundedReader& tail,
                                                const FragmentedTrack& track) {
  const auto first = find_iso_box(reader, offset, reader.size(), "moof");
  if (!first) return std::nullopt;
  const auto first_span = read_fragment(reader, *first, track);
  if (!first_span) return std::nullopt;
  std::optional<Span> last;
  find_last(tail, "moof", [&](std::uint64_t type) {
    const auto box = type >= 4 ? iso_box_at(tail, type - 4, tail.size()) : std::nullopt;
    const bool is_fragment = box && box->length() >= smallest_box && tail.has(box->body + 4, "mfhd");
    const auto span = is_fragment ? read_fragment(tail, *box, track) : std::nullopt;
    if (span) last = span;
    return span.has_value();
  });
  if (!last || last->end < first_span->begin) return std::nullopt;
  return last->end - first_span->begin;
}

}  // namespace audiostore
