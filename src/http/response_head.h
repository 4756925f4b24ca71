// The status line and header fields of a response, read by us and not only by the HTTP library below, which takes
// lengths that contradict each other or overflow for granted.
#pragma once

#include <audiostore/error.h>
#include <audiostore/http.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audiostore {

/// Reads the header section of one exchange line by line, and says how long the body must be (RFC 9112, sections 4 to
/// 6). Interim responses (1xx) are skipped. Knows no network.
class ResponseHead {
 public:
  /// Interim responses before the final one; more are an attack or a fault.
  static constexpr int max_interim_responses = 16;

  /// `max_bytes` bounds all header lines of the exchange together, interim responses and trailers included.
  ResponseHead(std::string_view request_method, std::size_t max_bytes)
      : answers_head_(request_method == "HEAD"), max_bytes_(max_bytes) {}

  /// Takes one line with its line end. True when it ends the head of the final response. Lines after that are trailers
  /// and only counted.
  /// Errors: unavailable (not HTTP/1.x, a malformed field, too many bytes or interim responses, a transfer coding that
  /// nobody asked for), corrupt (a length that is no number or contradicts another).
  Result<bool> add_line(std::string_view line);

  [[nodiscard]] bool has_any_line() const noexcept { return bytes_ != 0; }
  [[nodiscard]] bool complete() const noexcept { return state_ == State::complete; }

  /// What has been read so far; whole once complete().
  [[nodiscard]] const HttpResponse& response() const noexcept { return response_; }

  /// See HttpResponse::sends.
  void note_sends(int sends) noexcept { response_.sends = sends; }

  /// How many bytes the body must have: 0 where none may follow, nullopt where it tells itself (chunked) or nobody
  /// does. REQUIRES: complete().
  [[nodiscard]] std::optional<std::uint64_t> body_length() const noexcept { return body_length_; }

 private:
  enum class State { status_line, fields, complete };

  Result<void> read_status_line(std::string_view line);
  Result<void> read_field(std::string_view line);
  Result<bool> end_head();
  Result<void> find_body_length();

  bool answers_head_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  int interim_responses_ = 0;
  State state_ = State::status_line;
  HttpResponse response_;
  std::optional<std::uint64_t> body_length_;
};

}  // namespace audiostore
