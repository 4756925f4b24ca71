#include "http/response_head.h"

#include "core/text.h"
#include "http/request_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

Error malformed(std::string_view what) {
  return Error(ErrorCode::unavailable, fmt::format("the server's reply is malformed: {}", what));
}

std::string_view without_line_end(std::string_view line) noexcept {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// RFC 9110, section 5.5: control characters are invalid in a value, and dangerous where it is passed on or printed.
bool is_safe_value(std::string_view value) noexcept {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

/// The one length that all Content-Length fields agree on. Errors: corrupt.
Result<std::optional<std::uint64_t>> content_length(const Headers& headers) {
  std::optional<std::uint64_t> length;
  for (const Header& header : headers) {
    if (!equal_ignoring_case(header.name, "Content-Length")) continue;
    const auto value = parse_decimal(header.value);
    if (!value) return Error(ErrorCode::corrupt, "the reply's Content-Length is not a number that fits 64 bits");
    if (length && *length != *value) {
      return Error(ErrorCode::corrupt, fmt::format("the reply has two Content-Lengths, {} and {}", *length, *value));
    }
    length = value;
  }
  return length;
}

/// Errors: unavailable for any other coding than chunked alone: none was asked for, and it would be undone unseen.
Result<bool> is_chunked(const Headers& headers) {
  bool chunked = false;
  for (const Header& header : headers) {
    if (!equal_ignoring_case(header.name, "Transfer-Encoding")) continue;
    if (chunked || !equal_ignoring_case(header.value, "chunked")) {
      return malformed("a Transfer-Encoding other than chunked");
    }
    chunked = true;
  }
  return chunked;
}

}  // namespace

Result<bool> ResponseHead::add_line(std::string_view line) {
  if (line.size() > max_bytes_ - bytes_) return malformed(fmt::format("more than {} bytes of headers", max_bytes_));
  bytes_ += line.size();
  line = without_line_end(line);
  if (state_ == State::complete) return false;
  if (state_ == State::fields && line.empty()) return end_head();
  auto read = state_ == State::status_line ? read_status_line(line) : read_field(line);
  return std::move(read).transform([] { return false; });
}

Result<void> ResponseHead::read_status_line(std::string_view line) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t status_at = version.size() + 2;  // a digit and a space behind it
  const auto status = parse_decimal(line.substr(std::min(line.size(), status_at), 3));
  const bool ends_well = line.size() == status_at + 3 || (line.size() > status_at + 3 && line[status_at + 3] == ' ');
  if (!line.starts_with(version) || !ends_well || line[status_at - 1] != ' ' || !status || *status < 100) {
    return malformed("no HTTP/1.x status line");
  }
  response_ = HttpResponse();
  response_.status = static_cast<int>(*status);
  state_ = State::fields;
  return {};
}

Result<void> ResponseHead::read_field(std::string_view line) {
  if (!is_safe_value(line)) return malformed("a control character in a header field");
  if (line.starts_with(' ') || line.starts_with('\t')) {  // obs-fold: RFC 9112, section 5.2 has it read as a space
    if (response_.headers.empty()) return malformed("a folded line with no header field before it");
    std::string& value = response_.headers.back().value;
    if (!value.empty() && !trim(line).empty()) value += ' ';
    value += trim(line);
    return {};
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return malformed("a line that is no header field");
  }
  response_.headers.push_back({std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
  return {};
}

Result<bool> ResponseHead::end_head() {
  if (response_.status == 101) return malformed("it switches to a protocol that nobody asked for");
  if (response_.status < 200) {
    if (++interim_responses_ > max_interim_responses) return malformed("too many interim responses");
    state_ = State::status_line;
    return false;
  }
  state_ = State::complete;
  return find_body_length().transform([] { return true; });
}

Result<void> ResponseHead::find_body_length() {
  const auto announced = content_length(response_.headers);
  if (!announced) return announced.error();
  const auto chunked = is_chunked(response_.headers);
  if (!chunked) return chunked.error();
  // RFC 9112, section 6.3: probably an attempt to smuggle a response, to be handled as an error.
  if (*chunked && announced->has_value()) {
    return Error(ErrorCode::corrupt, "the reply has a Content-Length and is chunked as well");
  }
  const bool bodyless = answers_head_ || response_.status == 204 || response_.status == 304;
  body_length_ = bodyless ? std::optional<std::uint64_t>(0) : *announced;
  response_.length_known = *chunked || body_length_.has_value();
  return {};
}

}  // namespace audiostore
