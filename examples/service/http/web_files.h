// The recorder page.
#pragma once

#include "http/front_door.h"

#include <filesystem>
#include <string>

namespace audio_service {

/// Serves the files of `folder`, no others and none below it: "/" is its index.html. `storage_origin` is where the page
/// may upload to and play from, besides the service itself.
void add_web_files(FrontDoor& door, const std::filesystem::path& folder, const std::string& storage_origin);

}  // namespace audio_service
