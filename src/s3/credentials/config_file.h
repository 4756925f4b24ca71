// AWS's config and credentials files, read.
#pragma once

#include <audiostore/error.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// What a file may have at most, in bytes; the AWS tools write a few hundred.
inline constexpr std::size_t max_config_bytes = std::size_t{1} << 20;

/// The settings of one profile, by lower-case name. May hold secrets.
using ConfigProfile = std::map<std::string, std::string, std::less<>>;
using ConfigProfiles = std::map<std::string, ConfigProfile, std::less<>>;

enum class ConfigDialect {
  config,      ///< "[profile name]" and "[default]" are profiles, other sections something else
  credentials  ///< "[name]" is a profile
};

/// Reads the text of one file, by the rules that the AWS SDKs share: `#` and `;` begin a comment, as a line's first
/// sign or behind a blank; names are trimmed and know no case; a setting given twice, also in a section that comes
/// twice, counts as given last; an indented line continues the value above it, without comments; a value that begins on
/// the line below is a block of settings of its own. Sections and settings whose names are none are left out, as are
/// sections of other kinds; "[profile default]" takes the place of "[default]". A byte order mark and CRLF are allowed.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
///
/// A pure function. Errors: invalid_argument with the line's number, never with what is written there.
Result<ConfigProfiles> parse_config(std::string_view text, ConfigDialect dialect);

/// `config` with the settings of `credentials`, which win where both say something.
ConfigProfiles merged(ConfigProfiles config, const ConfigProfiles& credentials);

/// The setting called `name`; nullopt where it is missing or empty.
std::optional<std::string> setting(const ConfigProfile& profile, std::string_view name);

}  // namespace audiostore
