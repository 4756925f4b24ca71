#include "local/http_connection.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <iterator>

namespace audiostore::local {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} * 1024;
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t max_chunk_line_bytes = 1024;
constexpr int max_trailer_lines = 16;

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 416: return "Range Not Satisfiable";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Status";
  }
}

bool is_head_request(std::string_view head) { return head.starts_with("HEAD "); }

/// HTTP/1.0 clients that ask for more than one response would need to be told that they get it: they do not.
bool asks_to_close(const RequestHead& head) {
  const std::string connection = to_lower(find_header(head.headers, "connection").value_or(""));
  return head.http_1_0 || connection.find("close") != std::string::npos;
}

/// How long the body is. Errors: a framing that this server does not take (RFC 9112, section 6).
struct BodyFraming {
  std::optional<std::uint64_t> length = {};
  bool is_chunked = false;
};

Result<BodyFraming> body_framing(const RequestHead& head) {
  const auto encoding = find_header(head.headers, "transfer-encoding");
  const auto field = find_header(head.headers, "content-length");
  if (encoding) {
    const bool plain = equal_ignoring_case(*encoding, "chunked") && !field && !head.http_1_0;
    if (plain) return BodyFraming{.is_chunked = true};
    return s3_error(S3Code::bad_request, "Transfer-Encoding can only be chunked, without a Content-Length.");
  }
  if (!field) return BodyFraming{};
  const auto length = parse_decimal(*field);
  if (!length) return s3_error(S3Code::bad_request, "Content-Length is no number.");
  return BodyFraming{.length = length};
}

/// The size at the front of a chunk's first line; what follows a ';' says nothing that matters here.
std::optional<std::uint64_t> chunk_size(std::string_view line) {
  const std::string_view digits = trim(line.substr(0, line.find(';')));
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.size() <= 16;
  return whole ? std::optional(size) : std::nullopt;
}

Error malformed_chunks() { return s3_error(S3Code::incomplete_body, "The body's chunks are malformed."); }

}  // namespace

/// The response to one request. Small responses leave in one write.
class HttpConnection::Reply final : public Responder {
 public:
  Reply(HttpConnection& connection, bool head_request, bool close)
      : connection_(connection), head_request_(head_request), close_(close) {}

  Result<void> begin(const ResponseHead& head) override {
    begun_ = true;
    // A body that nobody read would be taken for the next request. And where a client waits for "100 Continue" and gets
    // its final response instead, only the end of the connection makes sure of what both take for the next one:
    // botocore 1.29 misreads whatever follows on the same connection.
    const bool unread = connection_.body_left_ > 0 || connection_.chunks_ != Chunks::none;
    const bool misleading = unread || connection_.continue_expected_;
    close_ = close_ || misleading || connection_.stop_.stop_requested();
    left_ = head_request_ ? 0 : head.content_length.value_or(0);
    auto out = std::back_inserter(pending_);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\n", head.status, reason_phrase(head.status));
    for (const auto& [name, value] : head.headers) fmt::format_to(out, "{}: {}\r\n", name, value);
    if (head.content_length) fmt::format_to(out, "Content-Length: {}\r\n", *head.content_length);
    if (close_) pending_ += "Connection: close\r\n";
    pending_ += "\r\n";
    return {};
  }

  Result<void> write(ByteSpan bytes) override {
    if (!begun_ || bytes.size() > left_) return Error(ErrorCode::internal, "more bytes than were announced");
    left_ -= bytes.size();
    if (pending_.size() + bytes.size() > chunk_bytes) {
      if (auto flushed = flush(); !flushed) return flushed;
      return sent(connection_.stream_.write(bytes));
    }
    pending_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  [[nodiscard]] bool begun() const override { return begun_; }
  [[nodiscard]] bool answers_head() const override { return head_request_; }

  /// Whether the response says that it is the last one.
  [[nodiscard]] bool closes() const { return close_; }

  /// True when the whole response is on its way.
  bool complete() { return begun_ && left_ == 0 && flush().has_value() && !failed_; }

 private:
  Result<void> flush() {
    if (pending_.empty()) return {};
    const std::string bytes = std::exchange(pending_, {});
    return sent(connection_.stream_.write(as_bytes(bytes)));
  }

  Result<void> sent(Result<void> result) {
    failed_ = failed_ || !result;
    return result;
  }

  HttpConnection& connection_;
  bool head_request_;
  bool close_;
  bool begun_ = false;
  bool failed_ = false;
  std::uint64_t left_ = 0;
  std::string pending_;
};

void HttpConnection::receive(ByteSpan bytes) {
  if (phase_ == Phase::farewell) return;
  const std::size_t known = buffer_.size();
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  phase_ = seek_head(known < head_end.size() ? 0 : known - head_end.size() + 1);
}

void HttpConnection::expire() {
  if (phase_ == Phase::head) {
    fault_ = s3_error(S3Code::request_timeout, "The request's headers did not arrive in time.");
    phase_ = Phase::answer;
  } else {
    phase_ = Phase::over;
  }
}

void HttpConnection::answer() {
  if (stop_.stop_requested()) {
    phase_ = Phase::over;
  } else {
    phase_ = fault_ ? refuse(*fault_, buffer_) : serve_request();
  }
}

void HttpConnection::turn_away(const Error& reason) { phase_ = refuse(reason, buffer_); }

/// The phase that follows from what is in the buffer, where no head ends before `searched`.
Phase HttpConnection::seek_head(std::size_t searched) {
  if (head_bytes_ > 0) return buffer_.size() < awaited_ ? Phase::head : Phase::answer;
  std::size_t empty_lines = 0;  // RFC 9112, section 2.2
  while (std::string_view(buffer_).substr(empty_lines).starts_with("\r\n")) empty_lines += 2;
  buffer_.erase(0, empty_lines);
  const std::size_t end = buffer_.find(head_end, empty_lines > 0 ? 0 : searched);
  if (std::min(end, buffer_.size()) > limits_.head_bytes) {
    fault_ = s3_error(S3Code::request_header_section_too_large, "The request line and the headers are too long.");
    return Phase::answer;
  }
  if (end == std::string::npos) return buffer_.empty() ? Phase::idle : Phase::head;
  head_bytes_ = end;
  awaited_ = bytes_to_await(end);
  return seek_head(0);
}

/// Head and body together, as far as the service wants the body to be there.
std::size_t HttpConnection::bytes_to_await(std::size_t head_bytes) const {
  const auto head = parse_request_head(std::string_view(buffer_).substr(0, head_bytes));
  const std::uint64_t wanted = head ? service_.body_ahead(*head) : 0;
  const auto framing = head ? body_framing(*head) : Result<BodyFraming>(BodyFraming{});
  const std::uint64_t body = framing ? framing->length.value_or(0) : 0;
  return head_bytes + head_end.size() + static_cast<std::size_t>(std::min(wanted, body));
}

std::string HttpConnection::take_head() {
  std::string head = buffer_.substr(0, head_bytes_);
  buffer_.erase(0, std::exchange(head_bytes_, 0) + head_end.size());
  return head;
}

Phase HttpConnection::serve_request() {
  const std::string bytes = take_head();
  auto head = parse_request_head(bytes);
  if (!head) return refuse(head.error(), bytes);
  const auto framing = body_framing(*head);
  if (!framing) return refuse(framing.error(), bytes);
  body_left_ = framing->length.value_or(0);
  chunks_ = framing->is_chunked ? Chunks::first : Chunks::none;
  continue_expected_ = equal_ignoring_case(find_header(head->headers, "expect").value_or(""), "100-continue");
  IncomingRequest request{.head = std::move(*head),
                          .content_length = framing->length,
                          .is_chunked = framing->is_chunked,
                          .read_body = [this](std::span<std::byte> out) { return read_body(out); },
                          .stop = stop_};
  Reply reply(*this, is_head_request(bytes), asks_to_close(request.head));
  service_.serve(request, reply);
  return conclude(reply);
}

Phase HttpConnection::refuse(const Error& reason, std::string_view head) {
  Reply reply(*this, is_head_request(head), true);
  service_.refuse(reason, reply);
  return conclude(reply);
}

Phase HttpConnection::conclude(Reply& reply) {
  if (!reply.complete()) return Phase::over;
  if (!reply.closes()) return seek_head(0);
  stream_.finish();
  return Phase::farewell;
}

Result<std::size_t> HttpConnection::read_body(std::span<std::byte> out) {
  if (std::exchange(continue_expected_, false) && buffer_.empty()) {
    if (auto told = stream_.write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n")); !told) return told.error();
  }
  if (body_left_ == 0 && chunks_ != Chunks::none) {
    if (auto begun = begin_chunk(); !begun) return begun.error();
  }
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), body_left_));
  if (want == 0) return 0U;
  if (stop_.stop_requested()) return Error(ErrorCode::unavailable, "The server stops.");
  std::size_t got = std::min(want, buffer_.size());
  if (got > 0) {
    std::memcpy(out.data(), buffer_.data(), got);
    buffer_.erase(0, got);
  } else {
    auto read = stream_.read(out.first(want));
    if (!read) return read;
    got = *read;
  }
  if (got == 0) return s3_error(S3Code::incomplete_body, "The body is shorter than was announced.");
  body_left_ -= got;
  return got;
}

/// Reads what is between two chunks (RFC 9112, section 7.1). Trailers are passed over: S3 has its own.
Result<void> HttpConnection::begin_chunk() {
  if (std::exchange(chunks_, Chunks::next) == Chunks::next) {
    const auto end = take_line();
    if (!end) return end.error();
    if (!end->empty()) return malformed_chunks();
  }
  const auto line = take_line();
  if (!line) return line.error();
  const auto size = chunk_size(*line);
  if (!size) return malformed_chunks();
  body_left_ = *size;
  for (int lines = 0; *size == 0 && chunks_ != Chunks::none; ++lines) {
    const auto trailer = take_line();
    if (!trailer) return trailer.error();
    if (lines == max_trailer_lines) return malformed_chunks();
    if (trailer->empty()) chunks_ = Chunks::none;
  }
  return {};
}

/// A line of the body's framing, without its end.
Result<std::string> HttpConnection::take_line() {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n");
    if (std::min(end, buffer_.size()) > max_chunk_line_bytes) return malformed_chunks();
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return line;
    }
    std::array<std::byte, 4096> piece;
    const auto got = stream_.read(piece);
    if (!got) return got.error();
    if (*got == 0) return s3_error(S3Code::incomplete_body, "The body ends within its chunks.");
    buffer_.append(reinterpret_cast<const char*>(piece.data()), *got);
  }
}

}  // namespace audiostore::local
