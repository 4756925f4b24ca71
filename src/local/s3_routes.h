// Which requests this server knows.
#pragma once

#include "local/s3_address.h"
#include "local/s3_handlers.h"
#include "local/wire_request.h"

#include <audiostore/error.h>

#include <span>
#include <string_view>

namespace audiostore::local {

/// The handler for a request.
///
/// Whatever a request asks for in its query or in an x-amz- header is either known to the handler or refused: a request
/// for an object's ACL must not be answered with the object.
/// Errors: S3's MethodNotAllowed, NotImplemented.
Result<S3Handler> find_handler(const RequestHead& head, const WireTarget& target, const S3Address& address);

}  // namespace audiostore::local
