// PostObject: an upload by a browser's form, whose signed policy is among its fields.
#pragma once

#include "local/request_verifier.h"
#include "local/s3_request.h"

#include <audiostore/error.h>

#include <cstddef>

namespace audiostore::local {

/// How many bytes of a form must be there before it is looked at: all fields in front of the file, of which S3 takes
/// 20 KiB, lie in them.
constexpr std::size_t form_bytes_ahead = std::size_t{24} * 1024;

/// A form as it came. Nobody has vouched for it yet.
struct FormUpload {
  const ServedBucket& bucket;
  IncomingRequest& incoming;
  const WireTarget& target;
  const RequestVerifier& verifier;
};

/// Whether this is a form that would bring its own signature.
bool is_form_upload(const RequestHead& head);

/// Stores the file, if the policy is signed and the form is as it says. Answers 204, or what success_action_status
/// says. The object is the file: its attributes come from the fields. Fields behind the file are ignored, as on S3.
///
/// Errors: S3's; nothing of the file has been read where a field, the signature or the policy refuses it.
/// Source: AWS, "POST Object" and "Browser-Based Uploads Using POST" (S3 API reference).
Result<void> post_object(const FormUpload& form, S3Responder& responder);

}  // namespace audiostore::local
