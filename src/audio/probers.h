// One function for each container: how much sound is in it, and of what kind?
#pragma once

#include "audio/bounded_reader.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace audiostore {

/// What a file says of its first sound track, not yet held against anything.
struct SoundFacts {
  std::uint64_t channels = 0;     // 0: not said
  std::uint64_t sample_rate = 0;  // in Hz; 0: not said
  std::optional<std::chrono::milliseconds> duration = {};
};

/// How long `units` take of which there are so many in a second, to the nearest millisecond. nullopt: there are none in
/// a second, or it does not fit.
std::optional<std::chrono::milliseconds> time_of(std::uint64_t units, std::uint64_t units_per_second);

// What sniff_audio() takes for such a file is what each gets, and what it cannot find it leaves out. `tail` reads the
// last bytes of the same file (probe_tail_bytes), counting from where they begin: there is the end of live recordings,
// whose headers were written before anybody knew it.

inline constexpr std::uint64_t probe_tail_bytes = std::uint64_t{1} << 20U;

SoundFacts probe_wav(BoundedReader& reader);
SoundFacts probe_aiff(BoundedReader& reader);
SoundFacts probe_flac(BoundedReader& reader);
SoundFacts probe_mp3(BoundedReader& reader);
SoundFacts probe_ogg(BoundedReader& reader, BoundedReader& tail);
SoundFacts probe_webm(BoundedReader& reader, BoundedReader& tail);
SoundFacts probe_mp4(BoundedReader& reader, BoundedReader& tail);

}  // namespace audiostore
