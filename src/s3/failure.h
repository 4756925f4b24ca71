// How one attempt at a request ended badly, with all that the reply said.
#pragma once

#include <audiostore/error.h>
#include <audiostore/http.h>

#include "s3/xml.h"

#include <variant>

namespace audiostore {

struct Failure {
  Error error;
  HttpResponse reply = {};        ///< status 0: none came
  S3ErrorDocument document = {};  ///< in the reply's body; empty where there was none
  bool has_delivered = false;     ///< the caller's callbacks failed or have had bytes: nobody may start anew
};

/// One attempt's end: a success's response, or why there is none.
using Outcome = std::variant<HttpResponse, Failure>;

}  // namespace audiostore
