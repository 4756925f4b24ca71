// Keys that clients, proxies, URLs and disks get wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audiostore::conformance {

/// Names that every store must keep apart and give back byte by byte, all below `prefix` (which ends with '/').
/// Includes keys of 1,024 bytes, which is why the prefix must be known.
std::vector<std::string> weird_keys(std::string_view prefix);

}  // namespace audiostore::conformance
