// Which of S3's operations a request is.
#pragma once

#include "s3/s3_client.h"

#include <string_view>

namespace audiostore {

/// An operation by S3's own name, and what it has to do with an object's bytes.
struct S3Operation {
  std::string_view name;
  bool sends_object = false;  ///< its body is an object's bytes, or a part of them
  bool makes_object = false;  ///< its header says how the object is to be kept
  bool needs_key = false;     ///< of an object under a customer's key, it has to give the key
};

/// The operation that `request` is; the name is "" for what S3 does not have.
const S3Operation& operation_of(const S3Request& request);

}  // namespace audiostore
