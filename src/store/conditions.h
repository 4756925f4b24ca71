// Conditions on a read, as RFC 9110 has them.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// Whether a read of an object with this ETag and this last change goes ahead, in the order of RFC 9110, section
/// 13.2.2: If-Match (else If-Unmodified-Since), then If-None-Match (else If-Modified-Since).
/// Errors: precondition_failed, not_modified.
Result<void> check_conditions(const Conditions& conditions, std::string_view etag, TimePoint last_modified);

/// Whether a write may replace what is under its key: an object with the ETag `current`, or nothing where that is
/// absent. Errors: already_exists (PutMode::create), precondition_failed (if_match).
Result<void> check_replaceable(const PutOptions& options, const std::optional<std::string>& current);

/// True when `list`, "*" or quoted ETags with commas between them, names `etag` by strong comparison: weak ETags never
/// match (RFC 9110, section 8.8.3.2). Parts that are no ETags match nothing.
bool etag_list_has(std::string_view list, std::string_view etag) noexcept;

/// The same by weak comparison: `W/"a"` and `"a"` match.
bool etag_list_has_weakly(std::string_view list, std::string_view etag) noexcept;

}  // namespace audiostore
