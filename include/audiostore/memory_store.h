// Objects in memory, for tests and for trying things out.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/object_store.h>

#include <memory>

namespace audiostore {

/// A store that lives as long as the process. ETags are the MD5 of the bytes, as S3 has them.
/// Capabilities: conditional_put, conditional_copy, conditional_replace, tags; no storage classes, no presign of its
/// own (serve it with LocalEndpoint).
std::unique_ptr<ObjectStore> make_memory_store(std::shared_ptr<const Clock> clock = system_clock());

}  // namespace audiostore
