// The header of an MPEG audio frame (ISO 11172-3, section 2.4.1.3; ISO 13818-3; MPEG 2.5 as everybody does it).
#pragma once

#include <cstdint>
#include <optional>

namespace audiostore {

struct Mp3Frame {
  std::uint64_t length = 0;       // bytes from this header to the next
  std::uint64_t samples = 0;      // of each channel
  std::uint64_t sample_rate = 0;  // in Hz
  std::uint64_t channels = 0;
  std::uint64_t side_info = 0;  // bytes between the header and the sound, where encoders put their own data
};

/// nullopt: not the header of a layer III frame, or one of free bit rate, whose length cannot be told.
std::optional<Mp3Frame> mp3_frame(std::uint32_t header) noexcept;

/// The bytes from one header of an MP3 frame to the next. nullopt: not the header of a layer III frame, or one of free
/// bit rate, whose length cannot be told.
std::optional<std::uint64_t> mp3_frame_length(std::uint32_t header) noexcept;

/// True when both headers may belong to one stream: version, layer and sample rate never change in between.
bool same_mpeg_stream(std::uint32_t a, std::uint32_t b) noexcept;

/// A header of layer I or II with no reserved value in it.
bool is_other_mpeg_layer(std::uint32_t header) noexcept;

/// A header of AAC in ADTS (ISO 13818-7, section 6.2).
bool is_adts(std::uint32_t header) noexcept;

}  // namespace audiostore
