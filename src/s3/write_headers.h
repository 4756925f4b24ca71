// What a write of an object says besides its bytes, as header fields.
#pragma once

#include <audiostore/headers.h>
#include <audiostore/object_store.h>

#include "s3/provider.h"

namespace audiostore {

/// What describes the object: attributes, tags, storage class. They go with PutObject, and with CreateMultipartUpload.
Headers description_headers(const PutOptions& options);

/// True where what is under the key decides about the write.
inline bool is_conditional(const PutOptions& options) {
  return options.mode == PutMode::create || !options.if_match.empty();
}

/// If-None-Match or If-Match, for PutObject and for the CompleteMultipartUpload of services that know them there.
Headers write_condition_headers(const PutOptions& options, const ProviderProfile& profile);

/// `error` of a write with `options` in the words of ObjectStore::put: already_exists where PutMode::create lost,
/// precondition_failed where if_match names an object and there is none.
Error put_error(Error error, const PutOptions& options);

}  // namespace audiostore
