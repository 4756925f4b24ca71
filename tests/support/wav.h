// The smallest real audio: WAV files, made on the spot.
#pragma once

#include <cstdint>
#include <string>

namespace audiostore {

/// A WAV file of `samples` samples: 16-bit PCM, mono, 8,000 a second; 44 + 2 * samples bytes. The sound is a tone,
/// other for each `pitch`, so that two takes can differ in their bytes only.
std::string make_wav(std::uint32_t samples, std::uint16_t pitch = 50);

}  // namespace audiostore
