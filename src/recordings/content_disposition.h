// What a browser shall do with a take that it is given.
#pragma once

#include <audiostore/error.h>

#include <string>
#include <string_view>

namespace audiostore {

/// The Content-Disposition that makes a browser save the reply as `file_name` (RFC 6266 and RFC 8187): an ASCII
/// stand-in for old programs, and the name itself in UTF-8.
/// Errors: invalid_argument for what is no file name: empty, over 255 bytes, no UTF-8, control characters, '/' or '\'.
Result<std::string> attachment_disposition(std::string_view file_name);

}  // namespace audiostore
