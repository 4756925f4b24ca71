// Which web pages may read what this server answers (the Fetch standard's CORS protocol).
#pragma once

#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <string>
#include <string_view>
#include <vector>

namespace audiostore::local {

class CorsPolicy {
 public:
  /// Origins as browsers send them, e.g. "http://localhost:8080"; "*" for every one.
  explicit CorsPolicy(std::vector<std::string> allowed_origins) : allowed_(std::move(allowed_origins)) {}

  /// What is added to the response to a request with these headers. Nothing for origins that are not allowed.
  [[nodiscard]] Headers response_headers(const Headers& request) const;

  /// The headers that answer a preflight. Errors: S3's BadRequest (no preflight), AccessForbidden.
  [[nodiscard]] Result<Headers> preflight_headers(const Headers& request) const;

 private:
  [[nodiscard]] bool allows(std::string_view origin) const;

  std::vector<std::string> allowed_;
};

}  // namespace audiostore::local
