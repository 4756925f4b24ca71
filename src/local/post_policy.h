// The policy of a form upload: what its signer lets others send.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore::local {

/// What a field of the form must be.
struct PolicyCondition {
  enum class Match { equal, starts_with };

  Match match = Match::equal;
  std::string field;  ///< in lower case
  std::string value;
};

/// Source: AWS, "POST policy" (S3 API reference, Authenticating requests in browser-based uploads).
struct PostPolicy {
  TimePoint expiration;
  std::vector<PolicyCondition> conditions;
  std::uint64_t min_bytes = 0;  ///< of the file, as content-length-range says
  std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max();
};

/// Reads the JSON document. Strict: what is not known could be a restriction. Errors: S3's InvalidPolicyDocument.
Result<PostPolicy> parse_post_policy(std::string_view json);

/// Whether the form may be sent. `fields`: all but the file, names in lower case, each one once, and "bucket".
///
/// Every condition must hold, and every field must have one, but for x-amz-signature, policy, bucket and those that
/// begin with x-ignore-. Errors: S3's AccessDenied.
Result<void> check_post_policy(const PostPolicy& policy, const Headers& fields, TimePoint now);

}  // namespace audiostore::local
