// Moving an object's bytes piece by piece, as every store on this machine does it.
#pragma once

#include "core/call_guard.h"

#include <audiostore/bytes.h>
#include <audiostore/object_store.h>

namespace audiostore {

/// Feeds the slice of `bytes` to `sink` in pieces of 64 KiB; after each of them, progress is reported and the caller
/// may stop. Errors: those of the payload, the sink and the guard.
Result<void> transfer(const Payload& bytes, ByteRange::Slice slice, const ByteSink& sink, const CallGuard& guard);

/// What get() owes its caller once the object is found: conditions first, then the range, then the bytes.
/// `info` is what is known of the object. Errors: precondition_failed, not_modified, range_not_satisfiable, corrupt
/// (digest_check.h), those of transfer().
Result<ObjectInfo> deliver(const Payload& bytes, ObjectInfo info, const GetOptions& options, const ByteSink& sink);

}  // namespace audiostore
