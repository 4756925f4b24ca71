// Text in the JSON that S3 is sent.
#pragma once

#include <string>
#include <string_view>

namespace audiostore {

/// A JSON string in ASCII, with its quotes: everything beyond is \uXXXX. REQUIRES: well-formed UTF-8 without control
/// characters.
std::string json_string(std::string_view text);

}  // namespace audiostore
