// The objects below a prefix.
#pragma once

#include <audiostore/object_store.h>

#include <functional>

namespace cli {

/// Calls `take` with every page. Errors: those of list() and of `take`.
audiostore::Result<void> for_each_page(
    audiostore::ObjectStore& store, audiostore::ListOptions options,
    const std::function<audiostore::Result<void>(const audiostore::ListPage&)>& take);

}  // namespace cli
