// The files that a command line names.
#pragma once

#include <audiostore/error.h>

#include <filesystem>
#include <string>
#include <vector>

namespace cli {

/// The files that `argument` names: the one of that name, else those that match it as a pattern (* ? [...]), by name.
/// Errors: not_found, also for a pattern without a match; invalid_argument for a folder.
audiostore::Result<std::vector<std::filesystem::path>> files_of(const std::string& argument);

}  // namespace cli
