// Settings and words that come from outside.
#pragma once

#include <audiostore/environment.h>

#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// The variable called `name`; nullopt where it is not set or empty.
std::optional<std::string> variable(const EnvironmentLookup& environment, std::string_view name);

/// True for a word of letters, digits and dots, as the error codes of services are: nothing else of theirs is repeated,
/// since it could hold a part of what was sent.
bool is_code_word(std::string_view text);

/// True for what can stand in a header or a query as it is: printable ASCII without blanks.
bool is_plain(std::string_view text);

/// True for text without a line break or another control character.
bool is_one_line(std::string_view text);

}  // namespace audiostore
