// The STREAMINFO block of FLAC (RFC 9639, section 8.2).
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <optional>

namespace audiostore {

struct FlacStreamInfo {
  std::uint64_t sample_rate = 0;  // in Hz
  std::uint64_t channels = 0;
  std::uint64_t samples = 0;  // of each channel; 0: not known
};

/// The block whose body is at `offset`.
std::optional<FlacStreamInfo> flac_stream_info_at(BoundedReader& reader, std::uint64_t offset);

}  // namespace audiostore
