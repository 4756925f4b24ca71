// What AAC in MP4 says of itself (ISO 14496-1, section 7.2.6; ISO 14496-3, section 1.6.2.1), as the fields around it
// often do not: some writers have two channels there whatever the sound has.
#pragma once

#include "audio/iso_boxes.h"

#include <cstdint>
#include <optional>

namespace audiostore {

struct AacConfig {
  std::uint64_t sample_rate = 0;  // in Hz, as it is played
  std::uint64_t channels = 0;     // 0: the stream says it elsewhere
};

/// The AudioSpecificConfig in an esds box. nullopt: there is none, or it is no AAC.
std::optional<AacConfig> read_aac_config(BoundedReader& reader, const IsoBox& esds);

}  // namespace audiostore
