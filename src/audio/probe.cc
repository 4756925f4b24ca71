#include "audio/probers.h"
#include "core/call_guard.h"
#include "core/checked.h"

#include <audiostore/audio.h>

namespace audiostore {

std::optional<std::chrono::milliseconds> time_of(std::uint64_t units, std::uint64_t units_per_second) {
  if (units_per_second == 0) return std::nullopt;
  const auto whole = checked_multiply<std::uint64_t>(units / units_per_second, 1000);
  const auto rest = checked_multiply<std::uint64_t>(units % units_per_second, 1000);
  const auto rounded = rest ? checked_add<std::uint64_t>(*rest, units_per_second / 2) : std::nullopt;
  const auto sum = whole && rounded ? checked_add<std::uint64_t>(*whole, *rounded / units_per_second) : std::nullopt;
  const auto count = sum ? checked_narrow<std::chrono::milliseconds::rep>(*sum) : std::nullopt;
  return count ? std::optional(std::chrono::milliseconds(*count)) : std::nullopt;
}

namespace {

SoundFacts probe(AudioFormat format, BoundedReader& reader, BoundedReader& tail) {
  switch (format) {
    case AudioFormat::wav: return probe_wav(reader);
    case AudioFormat::webm: return probe_webm(reader, tail);
    case AudioFormat::mp3: return probe_mp3(reader);
    case AudioFormat::ogg: return probe_ogg(reader, tail);
    case AudioFormat::mp4: return probe_mp4(reader, tail);
    case AudioFormat::flac: return probe_flac(reader);
    case AudioFormat::aiff: return probe_aiff(reader);
  }
  return {};
}

/// What may be told of `facts`: no encoder has numbers beyond these, and silence takes a byte a second at the least.
AudioProperties properties_of(const AudioInfo& info, const SoundFacts& facts, std::uint64_t size) {
  constexpr std::uint64_t most_channels = 255;
  constexpr std::uint64_t highest_rate = 1'048'575;  // of FLAC
  AudioProperties properties{.format = info.format, .has_video = info.has_video};
  if (facts.channels <= most_channels) properties.channels = static_cast<int>(facts.channels);
  if (facts.sample_rate > highest_rate) return properties;
  properties.sample_rate = static_cast<std::uint32_t>(facts.sample_rate);
  const bool is_credible = facts.duration && static_cast<std::uint64_t>(facts.duration->count()) / 1000 < size;
  if (is_credible) properties.duration = facts.duration;
  return properties;
}

}  // namespace

Result<AudioProperties> probe_audio(const Payload& payload) {
  constexpr int tail_pieces = 576;  // to look for the last cluster in all of the tail, and to go through it
  const auto sniffed = sniff_audio(payload);
  if (!sniffed) return sniffed.error();
  return call_guarded("the payload's source", [&]() -> Result<AudioProperties> {
    const std::uint64_t size = payload.size();
    const std::uint64_t tail_size = std::min(size, probe_tail_bytes);
    const Payload end = payload.slice(size - tail_size, tail_size);
    BoundedReader reader(payload);
    BoundedReader tail(end, tail_pieces);
    const SoundFacts facts = probe(sniffed->format, reader, tail);
    if (reader.failure()) return *reader.failure();
    if (tail.failure()) return *tail.failure();
    return properties_of(*sniffed, facts, size);
  });
}

}  // namespace audiostore
