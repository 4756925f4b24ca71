// The documents of a bucket's settings and versions, written and read.
#pragma once

#include <audiostore/s3_bucket.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// Errors: invalid_argument, naming rule and reason.
Result<void> check_cors(std::span<const CorsRule> rules);
Result<void> check_lifecycle(std::span<const LifecycleRule> rules);

std::string write_cors(std::span<const CorsRule> rules);
/// Errors: corrupt.
Result<std::vector<CorsRule>> parse_cors(std::string_view xml);

std::string write_lifecycle(std::span<const LifecycleRule> rules);
/// Errors: corrupt; unsupported where a rule says what LifecycleRule cannot.
Result<std::vector<LifecycleRule>> parse_lifecycle(std::string_view xml);

/// A <ListVersionsResult>, in the order of the document. Errors: corrupt.
Result<VersionPage> parse_versions(std::string_view xml);

/// Where a listing of versions goes on, in one token and back. nullopt: the token is not ours.
struct VersionMarker {
  std::string key;
  std::string version_id;
};
std::string write_version_token(const VersionMarker& marker);
std::optional<VersionMarker> parse_version_token(std::string_view token);

}  // namespace audiostore
