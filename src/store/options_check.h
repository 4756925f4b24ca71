// What the options of a put or a copy must be, whatever the store.
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include <chrono>
#include <string_view>

namespace audiostore {

/// What a store can do, and what messages call it.
struct StoreTraits {
  Capabilities can;
  std::string_view name;
};

/// Errors: invalid_argument (attributes, tags, an if_match that is no ETag or contradicts PutMode::create, a storage
/// class that is no word), unsupported where the store cannot do what is asked for.
Result<void> check_put(const PutOptions& options, const StoreTraits& store);
Result<void> check_copy(const CopyOptions& options, const StoreTraits& store);

/// For how long anything can be signed: 1 second to 7 days. Errors: invalid_argument.
Result<void> check_expiry(std::chrono::seconds expires_in);

/// "NAME does not support FEATURE".
Error unsupported(std::string_view name, std::string_view feature);

/// True for one strong ETag with its quotes and nothing more (RFC 9110, section 8.8.3), of printable ASCII.
bool is_strong_etag(std::string_view text) noexcept;

}  // namespace audiostore
