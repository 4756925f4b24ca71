// What a service's refusal means.
#pragma once

#include <audiostore/error.h>
#include <audiostore/http.h>

#include "s3/xml.h"

#include <span>
#include <string_view>

namespace audiostore {

/// The Error for a response that is no success. `body` is at most max_error_bytes of it: an <Error> document, or
/// something else (an HTML page of a proxy, nothing), and then the status alone decides. What the service says is left
/// out if it repeats one of `secrets`. REQUIRES: the status is not 2xx, or the body is an error document.
Error error_from_response(const HttpResponse& response, std::string_view body,
                          std::span<const std::string_view> secrets = {});

/// The Error for an <Error> document that came without a status of its own: in a 200 response, or for one key of many.
Error error_from_document(const S3ErrorDocument& document, int http_status);

}  // namespace audiostore
