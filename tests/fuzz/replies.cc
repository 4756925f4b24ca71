// The head of a response and what is read from its fields. Input: the header section, as a server sends it.
#include "core/text.h"
#include "fuzz/fuzz.h"
#include "http/response_head.h"
#include "s3/object_headers.h"
#include "s3/retry_policy.h"
#include "s3/s3_error.h"

#include <audiostore/bytes.h>

using namespace audiostore;

namespace {

void check_attributes(const ObjectInfo& info) {
  for (const char c : info.etag) fuzz::require(c >= 0x20 && c < 0x7f, "an ETag is printable");
  fuzz::require(info.delivered.length <= info.size, "a slice lies within its object");
  fuzz::require(info.delivered.offset <= info.size - info.delivered.length, "a slice lies within its object");
  for (const auto& [name, value] : info.attributes.metadata) {
    fuzz::require(!is_valid_utf8(value) || !has_control_character(value), "metadata has no control character");
  }
}

void check_fields(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    fuzz::require(is_token(name), "a field's name is a token");
    for (const char c : value) {
      fuzz::require(static_cast<unsigned char>(c) >= 0x20 || c == '\t', "a field's value has no control character");
    }
  }
  const std::optional<ByteRange> ranges[] = {std::nullopt, ByteRange::between(2, 5), ByteRange::last(4)};
  for (const auto& range : ranges) {
    if (const auto info = object_info(response, "k", range)) check_attributes(*info);
  }
  static_cast<void>(retry_after(response.headers, TimePoint{}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_bytes = std::size_t{64} * 1024;
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto range = ByteRange::from_header(text.substr(0, text.find('\n')))) {
    fuzz::require(ByteRange::from_header(range->to_header()) == range, "a range comes back from its header");
    const auto slice = range->resolve(1000);
    fuzz::require(!slice || slice->offset + slice->length <= 1000, "a range lies within its object");
  }
  ResponseHead head("GET", max_bytes);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t before = rest.size();
    fuzz::take_line(rest);
    const auto line = text.substr(text.size() - before, before - rest.size());
    const auto done = head.add_line(line);
    if (!done) return 0;
    if (*done) check_fields(head.response());
  }
  return 0;
}
