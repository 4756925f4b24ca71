// What the tracks of an MP4 file are (ISO 14496-12, sections 8.2 to 8.5).
#pragma once

#include "audio/iso_boxes.h"
#include "audio/sniffers.h"

#include <optional>
#include <string_view>

namespace audiostore {

/// True when a box that says something of a track stands where players may believe it and no file has it: a handler
/// beside its track, a track beside the movie. `parent` is the type of the box around it, "" for the file.
bool is_misplaced(std::string_view type, std::string_view parent);

/// Reads all tracks of the movie. nullopt when they cannot all be told: a box is broken, out of reach, misplaced, or
/// there twice, so that one player would see a picture where another sees sound.
std::optional<TrackKinds> read_mp4_tracks(BoundedReader& reader, const IsoBox& moov);

}  // namespace audiostore
