// The bytes of a file that is open already.
#pragma once

#include <audiostore/bytes.h>

#include <cstdint>

namespace audiostore {

/// The first `size` bytes of the regular file behind `descriptor`, which the payload closes when its last copy goes.
Payload file_payload(int descriptor, std::uint64_t size);

}  // namespace audiostore
