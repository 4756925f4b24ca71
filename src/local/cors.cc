#include "local/cors.h"

#include "local/s3_error.h"

#include <algorithm>
#include <array>

namespace audiostore::local {
namespace {

constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "PUT", "POST", "DELETE"};
constexpr std::string_view methods_text = "GET, HEAD, PUT, POST, DELETE";
// A player that seeks and an uploader that checks need these; everything else stays hidden from pages.
constexpr std::string_view exposed = "ETag, Content-Range, Accept-Ranges, Content-Length, x-amz-request-id";
constexpr std::string_view preflight_age = "3000";  // seconds

}  // namespace

bool CorsPolicy::allows(std::string_view origin) const {
  return std::ranges::any_of(allowed_, [&](const std::string& a) { return a == "*" || a == origin; });
}

Headers CorsPolicy::response_headers(const Headers& request) const {
  if (allowed_.empty()) return {};
  Headers headers{{"Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"}};
  const auto origin = find_header(request, "origin");
  if (!origin || !allows(*origin)) return headers;
  headers.push_back({"Access-Control-Allow-Origin", std::string(*origin)});
  headers.push_back({"Access-Control-Expose-Headers", std::string(exposed)});
  return headers;
}

Result<Headers> CorsPolicy::preflight_headers(const Headers& request) const {
  const auto origin = find_header(request, "origin");
  const auto method = find_header(request, "access-control-request-method");
  if (!origin || !method) {
    return s3_error(S3Code::bad_request, "A preflight has the headers Origin and Access-Control-Request-Method.");
  }
  if (!allows(*origin) || std::ranges::find(methods, *method) == methods.end()) {
    return s3_error(S3Code::access_forbidden, "CORS is not enabled for this origin and method. See allowed_origins.");
  }
  Headers headers{{"Access-Control-Allow-Methods", std::string(methods_text)},
                  {"Access-Control-Max-Age", std::string(preflight_age)}};
  if (const auto names = find_header(request, "access-control-request-headers")) {
    headers.push_back({"Access-Control-Allow-Headers", std::string(*names)});
  }
  return headers;
}

}  // namespace audiostore::local
