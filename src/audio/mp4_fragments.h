// How long a fragmented MP4 file is, by its fragments (ISO 14496-12, section 8.8): a recorder that streams cannot say
// it in front.
#pragma once

#include "audio/iso_boxes.h"

#include <cstdint>
#include <optional>

namespace audiostore {

/// The track to look for, and how long its samples are where a fragment does not say.
struct FragmentedTrack {
  std::uint64_t id = 0;
  std::uint64_t sample_duration = 0;
};

/// From the beginning of the track's first fragment, which is behind `offset` in the file, to the end of its last one,
/// which is in its tail; in units of the track's time scale. nullopt: it takes reading all of the file.
std::optional<std::uint64_t> fragments_duration(BoundedReader& reader, std::uint64_t offset, BoundedReader& tail,
                                                const FragmentedTrack& track);

}  // namespace audiostore
