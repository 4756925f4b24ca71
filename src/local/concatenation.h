// Several payloads as one.
#pragma once

#include <audiostore/bytes.h>

#include <memory>
#include <vector>

namespace audiostore::local {

/// The bytes of `pieces`, one behind the other. Shares them.
Payload concatenate(std::vector<std::shared_ptr<const PayloadSource>> pieces);

}  // namespace audiostore::local
