// An object of a store as the payload of something else.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/call_options.h>
#include <audiostore/object_key.h>
#include <audiostore/object_store.h>

#include <memory>

namespace audiostore {

/// The bytes of the object under `key`, read by ranges when they are asked for: inspect_audio() and probe_audio() can
/// look into a recording that a browser has put into the bucket without fetching all of it. `info` is what head() or
/// get() of the store said of the object; its size is the payload's, and only the object with its ETag is read
/// (If-Match; RFC 9110, section 13.1.1), so that what was inspected is what `info` is of.
///
/// A short read asks for 64 KiB from its offset on (the last 64 KiB near the end), which are kept: reads nearby cost no
/// request. Reads of 64 KiB and more ask for just their bytes. For a long object get() or get_to_file() is faster.
///
/// `call` holds for the payload's whole life, but the deadline for each request by itself, as time passes between
/// them; progress is not reported. Thread-safe, as every Payload is; the payload keeps the store.
/// Errors of reading: corrupt where the object was replaced or removed, or the store gave other bytes than it was asked
/// for (not precondition_failed or not_found: in a put() of this payload those would be about the object that is
/// written); invalid_argument (an ETag that is empty); the others of get(), their key being `key`.
/// REQUIRES: store is not null.
Payload stored_payload(std::shared_ptr<ObjectStore> store, const ObjectKey& key, const ObjectInfo& info,
                       const CallOptions& call = {});

}  // namespace audiostore
