// A writer that keeps everything in memory until it is put.
#pragma once

#include <audiostore/object_store.h>

#include <memory>

namespace audiostore {

/// `store` must outlive it.
std::unique_ptr<ObjectWriter> make_buffered_writer(ObjectStore& store, ObjectKey key, PutOptions options);

}  // namespace audiostore
