// How long a WebM file is: its Info element, or, of a live recording, the time of its last block (RFC 9559, sections
// 5.1.2 to 5.1.4 and 10).
#include "audio/find_last.h"
#include "audio/probers.h"
#include "audio/webm_elements.h"
#include "core/checked.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>

namespace audiostore {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t nanoseconds = 1'000'000'000;  // in a second

/// What stands in front of the first cluster, and when that begins. Times are in units of `scale` nanoseconds.
struct Head {
  SoundFacts facts;
  bool has_sound = false;  // the first sound track has been read
  std::uint64_t scale = 1'000'000;
  std::optional<double> duration = {};
  std::optional<std::int64_t> begins_at = {};
};

void read_info(BoundedReader& reader, const EbmlElement& info, Head& head) {
  const auto scale = find_ebml_element(reader, info.body, info.end, webm_id::timestamp_scale);
  const auto duration = find_ebml_element(reader, info.body, info.end, webm_id::duration);
  if (scale) head.scale = ebml_unsigned(reader, *scale).value_or(0);
  if (duration) head.duration = ebml_float(reader, *duration);
}

/// What an Audio element says; what it leaves out is 8 kHz and one channel (RFC 9559, section 5.1.4.1.29).
SoundFacts read_audio(BoundedReader& reader, const EbmlElement& audio) {
  SoundFacts facts{.channels = 1, .sample_rate = 8000};
  const auto channels = find_ebml_element(reader, audio.body, audio.end, webm_id::channels);
  const auto rate = find_ebml_element(reader, audio.body, audio.end, webm_id::sampling_frequency);
  if (channels) facts.channels = ebml_unsigned(reader, *channels).value_or(0);
  if (rate) {
    const double hertz = ebml_float(reader, *rate).value_or(0);
    facts.sample_rate = hertz >= 1 && hertz < 1e9 ? static_cast<std::uint64_t>(std::llround(hertz)) : 0;
  }
  return facts;
}

void read_tracks(BoundedReader& reader, const EbmlElement& tracks, Head& head) {
  constexpr std::uint64_t type_audio = 2;
  auto entry = find_ebml_element(reader, tracks.body, tracks.end, webm_id::track_entry);
  for (; entry && !head.has_sound; entry = find_ebml_element(reader, entry->end, tracks.end, webm_id::track_entry)) {
    const auto type = find_ebml_element(reader, entry->body, entry->end, webm_id::track_type);
    if (!type || ebml_unsigned(reader, *type) != type_audio) continue;
    const auto audio = find_ebml_element(reader, entry->body, entry->end, webm_id::audio);
    head.has_sound = true;
    if (audio) head.facts = read_audio(reader, *audio);
  }
}

/// When the cluster at `offset` begins: its first element, but for a checksum.
std::optional<std::int64_t> cluster_time(BoundedReader& reader, std::uint64_t offset) {
  const auto cluster = ebml_element_at(reader, offset, reader.size());
  if (!cluster || cluster->id != webm_id::cluster) return std::nullopt;
  auto child = ebml_element_at(reader, cluster->body, cluster->end);
  if (child && child->id == webm_id::crc_32) child = ebml_element_at(reader, child->end, cluster->end);
  if (!child || child->id != webm_id::timestamp) return std::nullopt;
  const auto time = ebml_unsigned(reader, *child);
  return time ? checked_narrow<std::int64_t>(*time) : std::nullopt;
}

Head read_head(BoundedReader& reader) {
  Head head;
  const auto header = ebml_element_at(reader, 0, reader.size());
  const auto segment = header ? webm_segment_behind(reader, *header) : std::nullopt;
  std::uint64_t offset = segment ? segment->body : 0;
  while (segment && offset < segment->end) {
    const auto element = ebml_element_at(reader, offset, segment->end);
    if (element && element->id == webm_id::cluster) head.begins_at = cluster_time(reader, offset);
    if (!element || !element->closed || element->id == webm_id::cluster) break;
    if (element->id == webm_id::info) read_info(reader, *element, head);
    if (element->id == webm_id::tracks) read_tracks(reader, *element, head);
    offset = element->end;
  }
  return head;
}

bool is_in_clusters(std::uint64_t id) {
  using namespace webm_id;
  constexpr std::array ids{crc_32, void_, timestamp, position, prev_size, simple_block, block_group};
  return std::ranges::count(ids, id) > 0;
}

/// The time of a block against that of its cluster: 16 bits behind the number of its track.
std::optional<std::int64_t> block_time(BoundedReader& reader, const EbmlElement& element) {
  auto block = std::optional(element);
  if (element.id == webm_id::block_group) {
    block = find_ebml_element(reader, element.body, element.end, webm_id::block);
  } else if (element.id != webm_id::simple_block) {
    return std::nullopt;
  }
  const auto track = block ? reader.big_endian(block->body, 1) : std::nullopt;
  if (!track || *track == 0) return std::nullopt;
  const auto number_bytes = static_cast<std::uint64_t>(std::countl_zero(static_cast<std::uint8_t>(*track))) + 1;
  if (block->length() < number_bytes + 2) return std::nullopt;
  const auto time = reader.big_endian(block->body + number_bytes, 2);
  return time ? std::optional<std::int64_t>(static_cast<std::int16_t>(*time)) : std::nullopt;
}

/// When the last whole block begins that is in the last cluster of the tail.
std::optional<std::int64_t> last_block_time(BoundedReader& tail) {
  const auto place = find_last(tail, "\x1f\x43\xb6\x75"sv,
                               [&](std::uint64_t offset) { return cluster_time(tail, offset).has_value(); });
  const auto cluster = place ? ebml_element_at(tail, *place, tail.size()) : std::nullopt;
  const auto begins_at = place ? cluster_time(tail, *place) : std::nullopt;
  if (!cluster || !begins_at) return std::nullopt;
  std::int64_t last = *begins_at;
  for (std::uint64_t offset = cluster->body; offset < cluster->end;) {
    const auto element = ebml_element_at(tail, offset, cluster->end);
    if (!element || !element->closed || !is_in_clusters(element->id)) break;
    const auto time = block_time(tail, *element);
    const auto sum = time ? checked_add<std::int64_t>(*begins_at, *time) : std::nullopt;
    last = std::max(last, sum.value_or(last));
    offset = element->end;
  }
  return last;
}

std::optional<std::chrono::milliseconds> live_duration(const Head& head, BoundedReader& tail) {
  const auto last = head.begins_at && head.scale != 0 ? last_block_time(tail) : std::nullopt;
  if (!last || *last < *head.begins_at) return std::nullopt;
  const auto time = checked_multiply<std::uint64_t>(static_cast<std::uint64_t>(*last - *head.begins_at), head.scale);
  return time ? time_of(*time, nanoseconds) : std::nullopt;
}

}  // namespace

SoundFacts probe_webm(BoundedReader& reader, BoundedReader& tail) {
  constexpr double longest = 9e18;  // nanoseconds that fit
  Head head = read_head(reader);
  const double declared = head.duration.value_or(0) * static_cast<double>(head.scale);
  if (declared >= 1 && declared < longest) {
    head.facts.duration = time_of(static_cast<std::uint64_t>(declared), nanoseconds);
  } else {
    head.facts.duration = live_duration(head, tail);
  }
  return head.facts;
}

}  // namespace audiostore
