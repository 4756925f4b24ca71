#include "audio_facts.h"

#include "human.h"

#include <chrono>

namespace cli {
namespace {

using namespace audiostore;

double seconds_of(std::chrono::milliseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::string duration_text(const std::optional<AudioProperties>& properties) {
  return properties && properties->duration ? human_duration(seconds_of(*properties->duration)) : "-";
}

void describe(const AudioProperties& properties, nlohmann::json& json) {
  json["format"] = extension(properties.format);
  json["contentType"] = mime_type(properties.format);
  json["video"] = properties.has_video;
  json["channels"] = nullptr;
  json["sampleRate"] = nullptr;
  json["durationSeconds"] = nullptr;
  if (properties.channels != 0) json["channels"] = properties.channels;
  if (properties.sample_rate != 0) json["sampleRate"] = properties.sample_rate;
  if (properties.duration) json["durationSeconds"] = seconds_of(*properties.duration);
}

}  // namespace cli
