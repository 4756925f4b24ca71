// A command line, as settings have it.
#pragma once

#include <audiostore/error.h>

#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// Splits at blanks by the quoting rules of a POSIX shell (XCU, section 2.2): 'as it is', "with \" and \\", \x. Nothing
/// is expanded: no variable, no pattern, no second command. Errors: invalid_argument (a quote that does not end, no
/// word), never with what is written there.
Result<std::vector<std::string>> split_command_line(std::string_view text);

}  // namespace audiostore
