// Errors as values: what went wrong, for a program to branch on and for a person to read.
#pragma once

#include <cassert>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace audiostore {

/// What went wrong, coarsely enough to branch on. Act on the code, never on the message text.
enum class ErrorCode {
  invalid_argument,        ///< The caller's input is wrong; nothing was sent or written. Fix the input.
  not_found,               ///< There is no such object, upload or bucket.
  already_exists,          ///< PutMode::create found an object under the key.
  not_modified,            ///< A condition held, so there is nothing new to read (HTTP 304).
  precondition_failed,     ///< A condition (If-Match ...) did not hold (HTTP 412).
  conflict,                ///< Another writer is at work on the same key; the call may be repeated (HTTP 409).
  permission_denied,       ///< Who asks is known and may not do this.
  unauthenticated,         ///< Credentials are missing, wrong or expired.
  too_large,               ///< The object is over a size limit.
  unsupported_media_type,  ///< The bytes are not a kind of audio that is allowed here.
  range_not_satisfiable,   ///< The byte range lies outside the object.
  rate_limited,            ///< The service asks for fewer requests. Retry later.
  unavailable,             ///< The service or the network did not answer as it should. Retry later.
  timed_out,               ///< A time limit ran out. The operation may or may not have taken effect.
  cancelled,               ///< The caller's std::stop_token asked to stop.
  unsupported,             ///< This backend or provider cannot do it.
  no_space,                ///< The disk or the quota is full.
  corrupt,                 ///< Bytes, lengths or a reply do not fit together; nothing of them was published.
  internal,                ///< A fault that none of the others describes; the message has the details.
};

/// The name of `code` as written in the enum, e.g. "not_found".
std::string_view to_string(ErrorCode code) noexcept;

/// One failure. A value type; safe to copy between threads.
///
/// Control characters in any text are escaped on the way in, so an error can be printed as it is. No part of an Error
/// ever holds a secret, a token, a signature or a presigned URL.
class Error {
 public:
  Error(ErrorCode code, std::string_view message);

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

  /// True when the same call may succeed if it is simply made again later.
  [[nodiscard]] bool retryable() const noexcept { return retryable_; }

  // Context, empty or 0 where it does not apply.
  [[nodiscard]] const std::string& operation() const noexcept { return operation_; }        ///< e.g. "put"
  [[nodiscard]] const std::string& key() const noexcept { return key_; }                    ///< the object key
  [[nodiscard]] int http_status() const noexcept { return http_status_; }                   ///< e.g. 503
  [[nodiscard]] const std::string& service_code() const noexcept { return service_code_; }  ///< e.g. "SlowDown"
  [[nodiscard]] const std::string& request_id() const noexcept { return request_id_; }  ///< quote it to the provider
  [[nodiscard]] int attempts() const noexcept { return attempts_; }                     ///< requests sent

  // Builders, chained where the error is made: `return Error(...).with_http_status(503)`.
  // with_operation and with_key keep what an inner layer already said.
  Error&& with_operation(std::string_view operation) &&;
  Error&& with_key(std::string_view key) &&;
  Error&& with_http_status(int status) &&;
  Error&& with_service_code(std::string_view code) &&;
  Error&& with_request_id(std::string_view id) &&;
  Error&& with_attempts(int attempts) &&;
  Error&& with_retryable(bool retryable) &&;

  /// One line with the code, the message and all the context there is.
  [[nodiscard]] std::string to_string() const;

 private:
  ErrorCode code_;
  bool retryable_;
  int http_status_ = 0;
  int attempts_ = 0;
  std::string message_;
  std::string operation_;
  std::string key_;
  std::string service_code_;
  std::string request_id_;
};

/// Thrown by Result::value() on an error, which is a mistake in the calling program.
class BadResultAccess : public std::logic_error {
 public:
  explicit BadResultAccess(const Error& error) : std::logic_error(error.to_string()) {}
};

template <class T>
class Result;

namespace detail {
template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;
struct Empty {};
}  // namespace detail

/// A value of type T, or an Error. The names are those of C++23's std::expected, so that it can take its place.
///
/// `T` may be void. A Result is true when it holds a value. Reading the value of an error is a programming mistake:
/// value() throws BadResultAccess, `*` and `->` assert.
template <class T>
class [[nodiscard]] Result {
  using Stored = std::conditional_t<std::is_void_v<T>, detail::Empty, T>;

 public:
  using value_type = T;
  using error_type = Error;

  Result() requires std::is_void_v<T> : state_(std::in_place_index<0>) {}

  template <class U = Stored>
  requires(!std::is_void_v<T> && std::is_constructible_v<Stored, U> && !detail::is_result<std::remove_cvref_t<U>> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error>) explicit(!std::is_convertible_v<U, Stored>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] decltype(auto) value() & { return checked(*this); }
  [[nodiscard]] decltype(auto) value() const& { return checked(*this); }
  decltype(auto) value() && { return checked(std::move(*this)); }

  [[nodiscard]] auto& operator*() & noexcept requires(!std::is_void_v<T>) { return stored(); }
  [[nodiscard]] const auto& operator*() const& noexcept requires(!std::is_void_v<T>) { return stored(); }
  [[nodiscard]] auto&& operator*() && noexcept requires(!std::is_void_v<T>) { return std::move(stored()); }
  auto* operator->() noexcept requires(!std::is_void_v<T>) { return &stored(); }
  const auto* operator->() const noexcept requires(!std::is_void_v<T>) { return &stored(); }

  [[nodiscard]] const Error& error() const& noexcept {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && noexcept {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

  template <class U>
  requires(!std::is_void_v<T>) [[nodiscard]] T value_or(U&& fallback) const& {
    return has_value() ? stored() : static_cast<T>(std::forward<U>(fallback));
  }
  template <class U>
  requires(!std::is_void_v<T>) [[nodiscard]] T value_or(U&& fallback) && {
    return has_value() ? std::move(stored()) : static_cast<T>(std::forward<U>(fallback));
  }

  /// On a value, calls `next` with it (next returns a Result); on an error, passes the error on.
  template <class F>
  auto and_then(F&& next) && {
    using Next = std::remove_cvref_t<decltype(call(std::forward<F>(next), std::move(*this)))>;
    static_assert(detail::is_result<Next>, "and_then takes a function that returns a Result");
    return has_value() ? call(std::forward<F>(next), std::move(*this)) : Next(std::move(*this).error());
  }

  /// On a value, replaces it by what `next` returns; on an error, passes the error on.
  template <class F>
  auto transform(F&& next) && {
    using U = std::remove_cvref_t<decltype(call(std::forward<F>(next), std::move(*this)))>;
    if (!has_value()) return Result<U>(std::move(*this).error());
    if constexpr (std::is_void_v<U>) {
      call(std::forward<F>(next), std::move(*this));
      return Result<U>();
    } else {
      return Result<U>(call(std::forward<F>(next), std::move(*this)));
    }
  }

  /// On an error, calls `recover` with it (recover returns a Result<T>); a value is passed on.
  template <class F>
  Result or_else(F&& recover) && {
    return has_value() ? std::move(*this) : Result(std::forward<F>(recover)(std::move(*this).error()));
  }

  /// On an error, replaces it by what `change` returns; a value is passed on.
  template <class F>
  Result transform_error(F&& change) && {
    return has_value() ? std::move(*this) : Result(Error(std::forward<F>(change)(std::move(*this).error())));
  }

 private:
  template <class Self>
  static decltype(auto) checked(Self&& self) {
    if (!self.has_value()) throw BadResultAccess(self.error());
    if constexpr (!std::is_void_v<T>) {
      if constexpr (std::is_lvalue_reference_v<Self>) {
        return (self.stored());
      } else {
        return T(std::move(self.stored()));
      }
    }
  }

  template <class F>
  static decltype(auto) call(F&& function, Result&& self) {
    if constexpr (std::is_void_v<T>) {
      return std::forward<F>(function)();
    } else {
      return std::forward<F>(function)(std::move(self.stored()));
    }
  }

  Stored& stored() noexcept {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const Stored& stored() const noexcept {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  std::variant<Stored, Error> state_;
};

}  // namespace audiostore
