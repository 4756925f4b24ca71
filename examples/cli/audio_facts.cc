#include "audio_facts.h"

#include "human.h"

#include <audiostore/stored_payload.h>

#include <utility>

namespace cli {

using namespace audiostore;

Result<AudioFacts> audio_facts(const Payload& payload) {
  const auto found = sniff_audio(payload);
  if (!found) return found.error();
  return AudioFacts{.format = found->format};
}

Result<AudioFacts> audio_facts(std::shared_ptr<ObjectStore> store, const ObjectKey& key, const ObjectInfo& info) {
  return audio_facts(stored_payload(std::move(store), key, info));
}

std::string duration_text(const std::optional<AudioFacts>& facts) {
  return facts && facts->duration ? human_duration(*facts->duration) : "-";
}

void describe(const AudioFacts& facts, nlohmann::json& json) {
  json["format"] = extension(facts.format);
  json["contentType"] = mime_type(facts.format);
  json["channels"] = facts.channels == 0 ? nlohmann::json() : nlohmann::json(facts.channels);
  json["sampleRate"] = facts.sample_rate == 0 ? nlohmann::json() : nlohmann::json(facts.sample_rate);
  json["durationSeconds"] = facts.duration ? nlohmann::json(*facts.duration) : nlohmann::json();
}

}  // namespace cli
