// Arithmetic on numbers that others have chosen: sizes, offsets and times of files, chunks, ranges, parts.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace audiostore {

// nullopt where the result does not fit. The second operand is of the first one's type, so that nothing is converted in
// silence on the way in.

template <std::integral T>
[[nodiscard]] constexpr std::optional<T> checked_add(T a, std::type_identity_t<T> b) noexcept {
  T sum{};
  return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

template <std::integral T>
[[nodiscard]] constexpr std::optional<T> checked_multiply(T a, std::type_identity_t<T> b) noexcept {
  T product{};
  return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional(product);
}

/// The same number as a `To`.
template <std::integral To, std::integral From>
[[nodiscard]] constexpr std::optional<To> checked_narrow(From value) noexcept {
  return std::in_range<To>(value) ? std::optional(static_cast<To>(value)) : std::nullopt;
}

}  // namespace audiostore
