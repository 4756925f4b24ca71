// What may be stored beside an object's bytes, and what may be sent as a header field.
#pragma once

#include <audiostore/error.h>
#include <audiostore/headers.h>
#include <audiostore/object_store.h>

namespace audiostore {

/// Refuses what S3 or HTTP would refuse or rewrite: control characters (header injection), metadata names and values
/// outside of ObjectAttributes' rules, more than 2,048 bytes of metadata. Errors: invalid_argument.
Result<void> check_attributes(const ObjectAttributes& attributes);

/// Refuses field names that are no tokens and values with control characters or blanks at the ends (RFC 9110, section
/// 5.5 and 5.6.2). Errors: invalid_argument.
Result<void> check_headers(const Headers& headers);

}  // namespace audiostore
