#include "http/json_body.h"

#include "http/refusal.h"

#include <fmt/format.h>

#include <limits>

namespace audio_service {
namespace {

using nlohmann::json;

constexpr int deepest_nesting = 8;
constexpr std::size_t most_numbers = 10'000;

Refusal bad(const std::string& message) { return {400, "invalid_argument", message}; }

Refusal wrong_kind(const char* name, const char* kind) { return bad(fmt::format("{} must be {}", name, kind)); }

/// Parsing deep nesting costs stack, and nobody needs it here.
json parse(const std::string& text) {
  bool is_too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) {
    is_too_deep = is_too_deep || depth > deepest_nesting;
    return !is_too_deep;
  };
  json parsed = json::parse(text, watch, false);
  return is_too_deep ? json(json::value_t::discarded) : parsed;
}

}  // namespace

JsonBody::JsonBody(const std::string& text) : object_(parse(text)) {
  if (!object_.is_object()) throw bad("the body must be a JSON object");
}

const json& JsonBody::member(const char* name) const {
  const auto found = object_.find(name);
  if (found == object_.end()) throw bad(fmt::format("{} is missing", name));
  return *found;
}

std::string JsonBody::text(const char* name) const {
  const json& value = member(name);
  if (!value.is_string()) throw wrong_kind(name, "a text");
  return value.get<std::string>();
}

std::string JsonBody::text_if_given(const char* name) const { return object_.contains(name) ? text(name) : ""; }

std::uint64_t JsonBody::number(const char* name) const {
  const json& value = member(name);
  if (!value.is_number_unsigned()) throw wrong_kind(name, "a whole number, 0 or more");
  return value.get<std::uint64_t>();
}

std::vector<int> JsonBody::numbers(const char* name) const {
  const json& values = member(name);
  if (!values.is_array() || values.size() > most_numbers) throw wrong_kind(name, "a list of whole numbers");
  std::vector<int> numbers;
  for (const json& value : values) {
    // Those that no part can have become one that no part has.
    const bool fits = value.is_number_integer() && value >= 0 && value <= std::numeric_limits<int>::max();
    if (!value.is_number_integer()) throw wrong_kind(name, "a list of whole numbers");
    numbers.push_back(fits ? value.get<int>() : -1);
  }
  return numbers;
}

}  // namespace audio_service
