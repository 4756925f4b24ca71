#include "local/s3_request.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace audiostore::local {

Result<std::string> S3Request::receive_text(std::uint64_t limit, bool checked) const {
  if (checked && !promise.md5 && !promise.checksum && !promise.in_trailer) {
    return s3_error(S3Code::invalid_request, "This request needs a Content-MD5 or an x-amz-checksum- header.");
  }
  if (auto length = announced_length(incoming, promise, limit); !length) return std::move(length).error();
  std::string text;
  auto read = read_body([&](ByteSpan piece) -> Result<void> {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  });
  return std::move(read).transform([&](const auto&) { return std::move(text); });
}

Result<ObjectKey> parse_key(std::string_view text) {
  if (text.size() > 1024) return s3_error(S3Code::key_too_long, "The key is longer than 1,024 bytes.");
  auto key = ObjectKey::parse(text);
  if (!key) return s3_error(S3Code::invalid_argument, key.error().message());
  return key;
}

std::uint64_t max_request_bytes(const S3Request& request) {
  constexpr std::uint64_t limit = 5ULL << 30;
  return std::min(limit, request.bucket.options.max_object_bytes);
}

Result<std::uint64_t> parse_number(const S3Request& request, std::string_view name, std::uint64_t least,
                                   std::uint64_t most, std::uint64_t otherwise) {
  const auto text = request.parameter(name);
  if (!text) return otherwise;
  const auto number = parse_decimal(*text);
  if (number && *number >= least && *number <= most) return *number;
  return s3_error(S3Code::invalid_argument, fmt::format("{} must be an integer between {} and {}.", name, least, most));
}

Result<void> S3Responder::begin(ResponseHead head) {
  Headers headers = common_;
  std::ranges::move(head.headers, std::back_inserter(headers));
  head.headers = std::move(headers);
  return responder_.begin(head);
}

Result<void> S3Responder::empty(int status, Headers headers) {
  const bool has_length = status != 204 && status != 304 && !responder_.answers_head();
  return begin({status, std::move(headers), has_length ? std::optional<std::uint64_t>(0) : std::nullopt});
}

Result<void> S3Responder::xml(int status, std::string_view document, Headers headers) {
  if (responder_.answers_head()) return empty(status, std::move(headers));
  headers.push_back({"Content-Type", "application/xml"});
  return begin({status, std::move(headers), document.size()}).and_then([&] { return write(as_bytes(document)); });
}

}  // namespace audiostore::local
