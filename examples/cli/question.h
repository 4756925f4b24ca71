// A yes or no from the person at the terminal.
#pragma once

#include <audiostore/error.h>

#include <stop_token>
#include <string_view>

namespace cli {

/// Asks on standard error; true only for "y" and "yes". Errors: invalid_argument (nobody is there to ask: the message
/// names --yes), cancelled.
audiostore::Result<bool> ask(std::string_view question, const std::stop_token& stop);

}  // namespace cli
