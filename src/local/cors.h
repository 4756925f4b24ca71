// Which web pages may read what this server answers (the Fetch standard's CORS protocol).
#pragma once

#include "local/bucket_settings.h"
#include "local/wire_request.h"

#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore::local {

/// The origins that the endpoint was started with, and the rules that clients have given the bucket. The first rule
/// that fits counts, as on S3.
class CorsPolicy {
 public:
  /// Origins as browsers send them, e.g. "http://localhost:8080", with at most one '*'. They may do everything.
  CorsPolicy(std::vector<std::string> allowed_origins, const BucketSettings& settings);

  /// What is added to the response to this request. Nothing for origins that are not allowed.
  [[nodiscard]] Headers response_headers(const RequestHead& request) const;

  /// The headers that answer a preflight, besides those. Errors: S3's BadRequest (no preflight), AccessForbidden.
  [[nodiscard]] Result<Headers> preflight_headers(const RequestHead& request) const;

 private:
  [[nodiscard]] std::vector<CorsRule> rules() const;

  std::vector<CorsRule> own_;
  const BucketSettings& settings_;
};

}  // namespace audiostore::local
