// The only place in local/ that knows nlohmann-json.
#include "core/dates.h"
#include "core/text.h"
#include "local/post_policy.h"
#include "local/s3_error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace audiostore::local {
namespace {

using nlohmann::json;

Error invalid(std::string_view what) {
  return s3_error(S3Code::invalid_policy_document, fmt::format("Invalid Policy: {}", what));
}

std::optional<std::string> text_of(const json& value) {
  return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

/// "{ "acl": "private" }"
Result<PolicyCondition> parse_simple(const json& object) {
  if (object.size() != 1) return invalid("a simple condition must have exactly one member.");
  const auto value = text_of(object.begin().value());
  if (!value) return invalid("the value of a simple condition must be a string.");
  return PolicyCondition{PolicyCondition::Match::equal, to_lower(object.begin().key()), *value};
}

/// ["content-length-range", 1, 1000]
Result<void> parse_range(const json& array, PostPolicy& policy) {
  if (!array[1].is_number_unsigned() || !array[2].is_number_unsigned()) {
    return invalid("content-length-range takes two numbers.");
  }
  policy.min_bytes = std::max(policy.min_bytes, array[1].get<std::uint64_t>());
  policy.max_bytes = std::min(policy.max_bytes, array[2].get<std::uint64_t>());
  return {};
}

/// ["starts-with", "$key", "user/"], ["eq", "$acl", "private"]
Result<PolicyCondition> parse_match(const json& array) {
  const std::string operation = to_lower(*text_of(array[0]));
  if (operation != "eq" && operation != "starts-with") return invalid("a condition's operation is not known.");
  const auto field = text_of(array[1]);
  const auto value = text_of(array[2]);
  if (!field || !field->starts_with('$') || !value) {
    return invalid("a condition takes the name of a field with a '$' in front, and a string.");
  }
  return PolicyCondition{operation == "eq" ? PolicyCondition::Match::equal : PolicyCondition::Match::starts_with,
                         to_lower(std::string_view(*field).substr(1)), *value};
}

Result<void> add_condition(const json& condition, PostPolicy& policy) {
  const bool triple = condition.is_array() && condition.size() == 3 && condition[0].is_string();
  if (!triple && !condition.is_object()) return invalid("a condition is neither an object nor an array of three.");
  if (triple && equal_ignoring_case(condition[0].get_ref<const std::string&>(), "content-length-range")) {
    return parse_range(condition, policy);
  }
  auto parsed = triple ? parse_match(condition) : parse_simple(condition);
  if (!parsed) return std::move(parsed).error();
  policy.conditions.push_back(std::move(*parsed));
  return {};
}

}  // namespace

Result<PostPolicy> parse_post_policy(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return invalid("Invalid JSON.");
  for (const auto& [name, value] : document.items()) {
    if (name != "expiration" && name != "conditions") return invalid("it has an unexpected member.");
  }
  const auto expiration = document.find("expiration");
  const auto date = expiration == document.end() ? std::nullopt : text_of(*expiration);
  const auto time = date ? parse_iso_date(*date) : std::nullopt;
  if (!time) return invalid("expiration must read like 2013-08-01T12:00:00.000Z.");
  const auto conditions = document.find("conditions");
  if (conditions == document.end() || !conditions->is_array()) return invalid("conditions must be an array.");
  PostPolicy policy{.expiration = *time, .conditions = {}};
  for (const json& condition : *conditions) {
    if (auto added = add_condition(condition, policy); !added) return std::move(added).error();
  }
  return policy;
}

}  // namespace audiostore::local
