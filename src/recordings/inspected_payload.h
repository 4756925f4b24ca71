// Binds what was inspected to what is stored.
#pragma once

#include <audiostore/audio.h>
#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <string_view>

namespace audiostore {

struct InspectedPayload {
  AudioInfo info;
  /// The payload with the size that was decided on. Reading bytes that inspect_audio() looked at fails with corrupt if
  /// they are others by now: a file or a source that changes behind our back is not stored as what it was before.
  Payload payload;
};

/// inspect_audio(), and the payload to store in place of the one inspected. Errors: those of inspect_audio().
Result<InspectedPayload> inspect_and_bind(const Payload& payload, const AudioLimits& limits,
                                          std::string_view declared_type);

}  // namespace audiostore
