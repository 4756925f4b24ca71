#include "store/conditions.h"

#include "core/text.h"

#include <chrono>

namespace audiostore {
namespace {

constexpr std::string_view weak_mark = "W/";

std::string_view without_weak_mark(std::string_view etag) noexcept {
  return etag.starts_with(weak_mark) ? etag.substr(weak_mark.size()) : etag;
}

/// The length of the list's first element. A comma inside of quotes is part of the ETag.
std::size_t first_element(std::string_view list) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quoted = !quoted;
    if (list[i] == ',' && !quoted) return i;
  }
  return list.size();
}

template <class Matches>
bool any_element(std::string_view list, Matches matches) noexcept {
  if (trim(list) == "*") return true;
  while (!list.empty()) {
    const std::size_t length = first_element(list);
    if (matches(trim(list.substr(0, length)))) return true;
    list.remove_prefix(std::min(length + 1, list.size()));
  }
  return false;
}

/// HTTP's dates have whole seconds, so that is what is compared.
bool changed_after(TimePoint last_modified, TimePoint date) noexcept {
  using std::chrono::floor;
  using std::chrono::seconds;
  return floor<seconds>(last_modified) > floor<seconds>(date);
}

Result<void> precondition_failed(std::string_view message) { return Error(ErrorCode::precondition_failed, message); }

}  // namespace

bool etag_list_has(std::string_view list, std::string_view etag) noexcept {
  return any_element(list, [&](std::string_view element) { return element == etag && !etag.starts_with(weak_mark); });
}

bool etag_list_has_weakly(std::string_view list, std::string_view etag) noexcept {
  return any_element(list, [&](std::string_view e) { return without_weak_mark(e) == without_weak_mark(etag); });
}

Result<void> check_conditions(const Conditions& conditions, std::string_view etag, TimePoint last_modified) {
  const auto& [if_match, if_none_match, if_modified_since, if_unmodified_since] = conditions;
  if (!if_match.empty()) {
    if (!etag_list_has(if_match, etag))
      return precondition_failed("the object has another ETag than if_match asks for");
  } else if (if_unmodified_since && changed_after(last_modified, *if_unmodified_since)) {
    return precondition_failed("the object was changed after if_unmodified_since");
  }
  if (!if_none_match.empty()) {
    if (etag_list_has_weakly(if_none_match, etag)) {
      return Error(ErrorCode::not_modified, "the object has an ETag that if_none_match names");
    }
  } else if (if_modified_since && !changed_after(last_modified, *if_modified_since)) {
    return Error(ErrorCode::not_modified, "the object was not changed after if_modified_since");
  }
  return {};
}

Result<void> check_replaceable(const PutOptions& options, const std::optional<std::string>& current) {
  if (options.mode == PutMode::create && current) {
    return Error(ErrorCode::already_exists, "there is an object under this key already");
  }
  if (options.if_match.empty()) return {};
  if (!current) return precondition_failed("there is no object under this key that if_match could name");
  if (options.if_match == *current) return {};
  return precondition_failed("the object has another ETag than if_match asks for");
}

}  // namespace audiostore
