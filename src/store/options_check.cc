#include "store/options_check.h"

#include "core/text.h"
#include "store/attributes.h"
#include "store/tags.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::size_t max_storage_class_bytes = 64;

Error bad_argument(const std::string& message) { return Error(ErrorCode::invalid_argument, message); }

Result<void> check_if_match(const PutOptions& options) {
  if (options.if_match.empty()) return {};
  if (options.mode == PutMode::create) {
    return bad_argument("if_match asks for an object to replace, PutMode::create for none: use one of them");
  }
  if (is_strong_etag(options.if_match)) return {};
  return bad_argument("if_match must be one ETag as the store gave it, with its quotes, and no weak one");
}

Result<void> check_storage_class(std::string_view storage_class, const StoreTraits& store) {
  if (storage_class.empty() || storage_class == standard_storage_class) return {};
  if (!is_token(storage_class) || storage_class.size() > max_storage_class_bytes) {
    return bad_argument("storage_class must be one word as the service has it, e.g. STANDARD_IA");
  }
  if (store.can.storage_classes) return {};
  return unsupported(store.name, fmt::format("the storage class {}", storage_class));
}

}  // namespace

Result<void> check_put(const PutOptions& options, const StoreTraits& store) {
  if (auto valid = check_attributes(options.attributes); !valid) return valid;
  if (auto valid = check_tags(options.tags); !valid) return valid;
  if (auto valid = check_if_match(options); !valid) return valid;
  if (options.mode == PutMode::create && !store.can.conditional_put) return unsupported(store.name, "PutMode::create");
  if (!options.if_match.empty() && !store.can.conditional_replace) {
    return unsupported(store.name, "PutOptions::if_match");
  }
  if (!options.tags.empty() && !store.can.tags) return unsupported(store.name, "tags");
  return check_storage_class(options.storage_class, store);
}

Result<void> check_copy(const CopyOptions& options, const StoreTraits& store) {
  if (auto valid = check_attributes(options.attributes.value_or(ObjectAttributes{})); !valid) return valid;
  if (!options.source_if_match.empty() && !store.can.conditional_copy) {
    return unsupported(store.name, "CopyOptions::source_if_match");
  }
  return check_storage_class(options.storage_class, store);
}

Result<void> check_expiry(std::chrono::seconds expires_in) {
  constexpr auto longest = std::chrono::hours(24 * 7);
  if (expires_in >= std::chrono::seconds(1) && expires_in <= longest) return {};
  return bad_argument(fmt::format("expires_in is {} s, it must be 1 to 604,800 s", expires_in.count()));
}

Error unsupported(std::string_view name, std::string_view feature) {
  return Error(ErrorCode::unsupported, fmt::format("{} does not support {}", name, feature));
}

bool is_strong_etag(std::string_view text) noexcept {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return false;
  const std::string_view inside = text.substr(1, text.size() - 2);
  return std::ranges::all_of(inside, [](char c) { return c > 0x20 && c < 0x7f && c != '"'; });
}

}  // namespace audiostore
