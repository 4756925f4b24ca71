// All takes below a prefix.
#pragma once

#include <audiostore/audio_store.h>
#include <audiostore/object_store.h>

#include <string>
#include <vector>

namespace audiostore {

/// Lists the takes whose keys begin with `prefix`, in key order. Objects that are no takes are passed over.
///
/// A listing may feed a deletion, so the store is not believed: a key outside of the prefix, keys out of order, a token
/// that comes again and pages without end are errors, never "the end". Errors: corrupt; those of ObjectStore::list().
Result<std::vector<Take>> list_takes(ObjectStore& store, const std::string& prefix, const CallOptions& options);

}  // namespace audiostore
