#include "local/post_policy.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore::local {
namespace {

constexpr std::array<std::string_view, 3> exempt{"x-amz-signature", "policy", "bucket"};

Error denied(std::string_view what) {
  return s3_error(S3Code::access_denied, fmt::format("Invalid according to Policy: {}", what));
}

bool starts_with_each(std::string_view list, std::string_view prefix) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (!trim(list.substr(0, comma)).starts_with(prefix)) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

bool holds(const PolicyCondition& condition, const Headers& fields) {
  const auto value = find_header(fields, condition.field);
  if (!value) return false;
  if (condition.match == PolicyCondition::Match::equal) return *value == condition.value;
  // S3 takes commas in a Content-Type for those of a list.
  if (condition.field == "content-type") return starts_with_each(*value, condition.value);
  return value->starts_with(condition.value);
}

bool needs_condition(std::string_view field) {
  return std::ranges::find(exempt, field) == exempt.end() && !field.starts_with("x-ignore-");
}

}  // namespace

Result<void> check_post_policy(const PostPolicy& policy, const Headers& fields, TimePoint now) {
  if (now >= policy.expiration) return denied("Policy expired.");
  for (const PolicyCondition& condition : policy.conditions) {
    if (holds(condition, fields)) continue;
    return denied(fmt::format("Policy Condition failed: the field {} is not as the policy has it.",
                              printable(condition.field, 64)));
  }
  for (const auto& [name, value] : fields) {
    if (!needs_condition(name) ||
        std::ranges::find(policy.conditions, name, &PolicyCondition::field) != policy.conditions.end()) {
      continue;
    }
    return denied(fmt::format("Extra input fields: {}", printable(name, 64)));
  }
  return {};
}

}  // namespace audiostore::local
