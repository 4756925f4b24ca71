// What bytes are that are no audio of ours, for the person who reads the message.
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <string>

namespace audiostore {

/// Names the bytes from `offset` on: "a PNG image", "plain text", "unknown bytes (00 01 ...)". Never empty. Good for
/// messages only: nothing may be decided by it.
std::string describe_bytes(BoundedReader& reader, std::uint64_t offset);

}  // namespace audiostore
