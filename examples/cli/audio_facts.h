// How a recording's properties are written: for a table, and for a script.
#pragma once

#include <audiostore/audio.h>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace cli {

/// "0:42", "-" where it is not known.
std::string duration_text(const std::optional<audiostore::AudioProperties>& properties);

/// Adds them to `json`; null where something is not known.
void describe(const audiostore::AudioProperties& properties, nlohmann::json& json);

}  // namespace cli
