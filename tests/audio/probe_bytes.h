// What probing makes of bytes, as text for a table to compare.
#pragma once

#include "audio/audio_bytes.h"

#include <fmt/format.h>

namespace audiostore::audio_test {

/// "2 x 44100 Hz, 1500 ms", "0 x 0 Hz" without a duration, or the message of the refusal.
inline std::string told(const Result<AudioProperties>& properties) {
  if (!properties) return std::string(to_string(properties.error().code())) + ": " + properties.error().message();
  std::string text = fmt::format("{} x {} Hz", properties->channels, properties->sample_rate);
  if (properties->duration) text += fmt::format(", {} ms", properties->duration->count());
  return text;
}

inline std::string probed(std::string_view bytes) { return told(probe_audio(Payload::from_memory(as_bytes(bytes)))); }

}  // namespace audiostore::audio_test
