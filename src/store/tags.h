// What may be a tag of an object.
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_store.h>

namespace audiostore {

/// Refuses what breaks the rules of Tags. Whether a character beyond ASCII is a letter is left to the service.
/// Errors: invalid_argument.
Result<void> check_tags(const Tags& tags);

}  // namespace audiostore
