// Uploads by a form in a browser, under conditions that the service enforces.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/headers.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace audiostore {

/// What a form may upload. Unlike a presigned PUT it limits the size, and can leave the end of the key to the browser.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
struct PostRequest {
  /// Under which key: exactly; or, with '/' at its end, the beginning of it, behind which the service puts the name
  /// that the browser gives the file. That name is the uploader's to choose. Never empty; no '$', which services
  /// expand.
  std::string key = {};
  std::uint64_t max_bytes = 0;  ///< of the file; required
  std::uint64_t min_bytes = 0;
  /// The Content-Type that the form must send: exactly; or, with '/' at its end, what it must begin with, "audio/".
  /// Empty: none may be sent.
  std::string content_type = {};
  /// How long the form is good for: 1 second to 7 days, and never past the credentials' own expiry.
  std::chrono::seconds expires_in = std::chrono::hours(1);
  /// More fields that the form must send exactly so: x-amz-meta-*, Cache-Control, Content-Disposition, acl ...
  Headers fields = {};
  int success_status = 204;  ///< what a success is answered with: 200, 201 or 204
};

/// A form that is signed: whoever has its fields can upload until expires_at. Treat them as a secret.
struct PostForm {
  std::string url;  ///< where to POST multipart/form-data
  /// In their order. Behind them comes Content-Type, if PostRequest gave only its beginning, and last the bytes, as the
  /// field "file": services ignore what comes behind it.
  Headers fields;
  std::chrono::seconds expires_in;  ///< counted from now; shorter than asked for if the credentials end earlier
  TimePoint expires_at;             ///< by the service's clock, where that is known to differ from ours
};

}  // namespace audiostore
