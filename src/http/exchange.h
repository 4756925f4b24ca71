// What happens between the caller and one request on the wire, whoever moves the bytes.
#pragma once

#include <audiostore/http.h>

#include "core/call_guard.h"
#include "http/response_head.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace audiostore {

/// What a server may take of our memory and patience.
struct ExchangeLimits {
  std::size_t max_header_bytes;                  ///< see ResponseHead
  std::chrono::milliseconds refusal_timeout{0};  ///< for the body of a response other than 2xx; 0 for no limit
};

/// One request and the response to it: gives out the request's body, checks the response and passes it on, minds the
/// caller's CallOptions. Lets no exception of the caller's through. Lives on one thread, for one send().
///
/// The functions that return bool or optional say "false" when the exchange must end; failure() then holds the reason.
class Exchange {
 public:
  /// `request` and `handler` must outlive the exchange.
  Exchange(const HttpRequest& request, const ResponseHandler& handler, const ExchangeLimits& limits);

  /// Errors: cancelled, timed_out (the call's deadline).
  [[nodiscard]] Result<void> check() const { return guard_.check(); }

  /// A connection stands, and the request goes out on it from its beginning.
  void begin_sending() noexcept { ++sends_; }
  /// The next bytes of the request's body into `out`; 0 at its end.
  std::optional<std::size_t> give_body(std::span<std::byte> out);
  /// The next give_body() starts at `offset`: the body has to be sent again on another connection.
  bool rewind_body(std::uint64_t offset);

  /// One line of the response's header section, trailers included. Calls the handler at the end of the section.
  bool take_header_line(std::string_view line);
  bool take_body(ByteSpan bytes);

  /// To be called often, also while nothing moves; `sent` is how much of the request's body has left so far.
  bool advance(std::uint64_t sent);

  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

  /// True when nothing of the response can be missing; false also where nobody said how long it is.
  [[nodiscard]] bool has_whole_response() const noexcept;
  [[nodiscard]] bool has_any_response() const noexcept { return head_.has_any_line(); }
  [[nodiscard]] int status() const noexcept { return head_.response().status; }

  /// The response, once the wire has nothing more to say. Errors: failure(), unavailable (there was no response),
  /// corrupt (its body is not as long as announced).
  Result<HttpResponse> finish();

 private:
  template <class F>
  bool attempt(std::string_view what, F&& step);
  [[nodiscard]] Progress progress() const noexcept;
  Result<void> report();
  Result<void> open_body();
  [[nodiscard]] Result<void> check_refusal() const;

  const HttpRequest& request_;
  const ResponseHandler& handler_;
  CallGuard guard_;
  ResponseHead head_;
  const std::chrono::milliseconds refusal_timeout_;
  std::optional<std::chrono::steady_clock::time_point> refused_at_;  // when the head of a response other than 2xx came
  ByteSink sink_;
  std::optional<Error> failure_;
  std::uint64_t body_offset_ = 0;  // of the request's body: what give_body() gives next
  int sends_ = 0;
  std::uint64_t sent_ = 0;  // the most that ever left; a second try on another connection starts anew
  std::uint64_t received_ = 0;
  std::optional<std::uint64_t> reported_;
};

}  // namespace audiostore
