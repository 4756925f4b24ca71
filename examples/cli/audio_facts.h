// What is known of the sound in a file or an object.
#pragma once

#include <audiostore/audio.h>
#include <audiostore/object_store.h>

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>

namespace cli {

struct AudioFacts {
  audiostore::AudioFormat format;
  int channels = 0;
  int sample_rate = 0;                  ///< a second
  std::optional<double> duration = {};  ///< in seconds; absent where the file does not say
};

/// Errors: unsupported_media_type; those of reading `payload`.
audiostore::Result<AudioFacts> audio_facts(const audiostore::Payload& payload);

/// Of a stored object, of which only a few small ranges are read.
audiostore::Result<AudioFacts> audio_facts(std::shared_ptr<audiostore::ObjectStore> store,
                                           const audiostore::ObjectKey& key, const audiostore::ObjectInfo& info);

/// "0:42", "-" where it is not known.
std::string duration_text(const std::optional<AudioFacts>& facts);

/// Adds its fields to `json`.
void describe(const AudioFacts& facts, nlohmann::json& json);

}  // namespace cli
