// errno, as an Error.
#pragma once

#include <audiostore/error.h>

#include <string_view>

namespace audiostore {

/// The Error for an errno value: not_found, permission_denied, no_space or internal, "`what`: description". Retryable
/// where the process or the machine has run short of descriptors or memory, and nothing is wrong with the file.
Error system_error(int error_number, std::string_view what);

}  // namespace audiostore
