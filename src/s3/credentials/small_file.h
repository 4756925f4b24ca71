// Files with settings and tokens.
#pragma once

#include <audiostore/error.h>

#include <cstddef>
#include <string>

namespace audiostore {

/// The text of a regular file of at most `max_bytes`. Errors: not_found, permission_denied, invalid_argument (no
/// regular file, too long), corrupt, internal.
Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes);

}  // namespace audiostore
