#include "local/s3_routes.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace audiostore::local {
namespace {

enum class Level { service, bucket, object };

struct Route {
  Level level;
  std::string_view method;
  std::string_view selector;  // what makes the request this one: a query parameter, an x-amz- header, or nothing
  S3Handler handler;
  std::string_view parameters;  // the other ones that the handler knows, with blanks between and at both ends
  std::string_view headers;     // the x-amz- ones that the handler knows, likewise
  bool has_body = false;        // it knows the headers of bodies, too
};

constexpr std::string_view reading =
    " partNumber versionId response-content-type response-content-language response-expires response-cache-control "
    "response-content-disposition response-content-encoding ";
constexpr std::string_view listing = " prefix delimiter max-keys encoding-type marker ";
constexpr std::string_view listing_v2 =
    " prefix delimiter max-keys encoding-type continuation-token start-after fetch-owner ";
constexpr std::string_view listing_versions = " prefix delimiter max-keys encoding-type key-marker version-id-marker ";
constexpr std::string_view listing_uploads = " prefix delimiter max-uploads encoding-type key-marker upload-id-marker ";
constexpr std::string_view storing =
    " x-amz-storage-class x-amz-acl x-amz-meta- x-amz-tagging x-amz-server-side-encryption ";
constexpr std::string_view beginning =
    " x-amz-storage-class x-amz-acl x-amz-meta- x-amz-tagging x-amz-server-side-encryption x-amz-checksum-algorithm ";
constexpr std::string_view body_headers =
    " x-amz-checksum-crc32 x-amz-checksum-crc32c x-amz-checksum-crc64nvme x-amz-checksum-sha1 x-amz-checksum-sha256 "
    "x-amz-sdk-checksum-algorithm x-amz-trailer x-amz-decoded-content-length ";
constexpr std::string_view copying =
    " x-amz-storage-class x-amz-acl x-amz-meta- x-amz-server-side-encryption x-amz-copy-source "
    "x-amz-copy-source-if-match x-amz-metadata-directive x-amz-tagging-directive ";
constexpr std::string_view copying_part =
    " x-amz-copy-source x-amz-copy-source-range x-amz-copy-source-if-match x-amz-copy-source-if-none-match "
    "x-amz-copy-source-if-modified-since x-amz-copy-source-if-unmodified-since ";

// The first row that fits counts, so rows with a selector stand before those without.
constexpr std::array routes{
    Route{Level::service, "GET", "", list_buckets, "", ""},
    Route{Level::bucket, "HEAD", "", head_bucket, "", ""},
    Route{Level::bucket, "GET", "cors", get_bucket_cors, "", ""},
    Route{Level::bucket, "PUT", "cors", put_bucket_cors, "", "", true},
    Route{Level::bucket, "DELETE", "cors", delete_bucket_cors, "", ""},
    Route{Level::bucket, "GET", "lifecycle", get_bucket_lifecycle, "", ""},
    Route{Level::bucket, "PUT", "lifecycle", put_bucket_lifecycle, "", "", true},
    Route{Level::bucket, "DELETE", "lifecycle", delete_bucket_lifecycle, "", ""},
    Route{Level::bucket, "PUT", "", create_bucket, "", " x-amz-acl "},
    Route{Level::bucket, "GET", "location", get_bucket_location, "", ""},
    Route{Level::bucket, "GET", "versioning", get_bucket_versioning, "", ""},
    Route{Level::bucket, "GET", "versions", list_versions, listing_versions, ""},
    Route{Level::bucket, "GET", "uploads", list_uploads, listing_uploads, ""},
    Route{Level::bucket, "GET", "list-type", list_objects_v2, listing_v2, ""},
    Route{Level::bucket, "GET", "", list_objects_v1, listing, ""},
    Route{Level::bucket, "POST", "delete", delete_objects, "", "", true},
    Route{Level::object, "POST", "uploads", create_upload, "", beginning},
    Route{Level::object, "PUT", "uploadId", upload_part, " partNumber ", copying_part, true},
    Route{Level::object, "POST", "uploadId", complete_upload, "", ""},
    Route{Level::object, "DELETE", "uploadId", abort_upload, "", ""},
    Route{Level::object, "GET", "uploadId", list_parts, " max-parts part-number-marker ", ""},
    Route{Level::object, "GET", "tagging", get_object_tags, " versionId ", ""},
    Route{Level::object, "PUT", "tagging", put_object_tags, " versionId ", "", true},
    Route{Level::object, "DELETE", "tagging", delete_object_tags, " versionId ", ""},
    Route{Level::object, "GET", "", read_object, reading, ""},
    Route{Level::object, "HEAD", "", read_object, reading, ""},
    Route{Level::object, "PUT", "x-amz-copy-source", copy_object, "", copying},
    Route{Level::object, "PUT", "", put_object, "", storing, true},
    Route{Level::object, "DELETE", "", delete_object, " versionId ", ""},
};

// What every request may have: its signature, and what only tells who sent it.
constexpr std::string_view common_parameters =
    " X-Amz-Algorithm X-Amz-Credential X-Amz-Date X-Amz-Expires X-Amz-SignedHeaders X-Amz-Signature "
    "X-Amz-Security-Token X-Amz-Content-Sha256 x-id ";
constexpr std::string_view common_headers =
    " x-amz-date x-amz-content-sha256 x-amz-security-token x-amz-user-agent x-amz-request-payer x-amz-checksum-mode ";

constexpr std::string_view header_prefix = "x-amz-";

/// Only headers of S3's own select: others need no signature, and anybody could add them to a presigned request.
bool is_selected(const Route& route, const RequestHead& head, const WireTarget& target) {
  if (route.selector.empty()) return true;
  if (route.selector.starts_with(header_prefix)) return find_header(head.headers, route.selector).has_value();
  return find_parameter(target.query, route.selector).has_value();
}

bool lists(std::string_view words, std::string_view word) {
  return words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

bool knows_header(const Route& route, std::string_view name) {
  constexpr std::string_view metadata = "x-amz-meta-";
  const std::string_view word = name.starts_with(metadata) ? metadata : name;
  return !name.starts_with(header_prefix) || lists(common_headers, word) || lists(route.headers, word) ||
         (route.has_body && lists(body_headers, word));
}

/// Errors: NotImplemented for the first thing that `route` does not know.
Result<S3Handler> checked(const Route& route, const RequestHead& head, const WireTarget& target) {
  for (const auto& [name, value] : target.query) {
    if (name == route.selector || lists(common_parameters, name) || lists(route.parameters, name)) continue;
    return s3_error(S3Code::not_implemented, fmt::format("'{}' is not implemented for this request.", name));
  }
  for (const auto& [name, value] : head.headers) {
    if (knows_header(route, to_lower(name))) continue;
    return s3_error(S3Code::not_implemented, fmt::format("The header {} is not implemented here.", name));
  }
  return route.handler;
}

Level level_of(const S3Address& address) {
  if (address.bucket.empty()) return Level::service;
  return address.key.empty() ? Level::bucket : Level::object;
}

bool is_known_method(std::string_view method) {
  return std::ranges::any_of(routes, [&](const Route& route) { return route.method == method; });
}

}  // namespace

Result<S3Handler> find_handler(const RequestHead& head, const WireTarget& target, const S3Address& address) {
  const Level level = level_of(address);
  for (const Route& route : routes) {
    if (route.level != level || route.method != head.method || !is_selected(route, head, target)) continue;
    return checked(route, head, target);
  }
  const auto unknown = std::ranges::find_if(
      target.query, [](const QueryParameter& parameter) { return !lists(common_parameters, parameter.name); });
  if (is_known_method(head.method) && unknown != target.query.end()) {
    return s3_error(S3Code::not_implemented, fmt::format("'{}' is not implemented here.", unknown->name));
  }
  return s3_error(S3Code::method_not_allowed, "This method is not allowed on this resource.");
}

}  // namespace audiostore::local
