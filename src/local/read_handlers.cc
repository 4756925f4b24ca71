#include "core/dates.h"
#include "core/text.h"
#include "local/read_request.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace audiostore::local {
namespace {

constexpr int max_attempts = 16;  // to read one version of an object that others keep replacing

struct Override {
  std::string_view parameter;
  std::string_view header;
};
constexpr std::array overrides{
    Override{"response-content-type", "Content-Type"},
    Override{"response-content-language", "Content-Language"},
    Override{"response-expires", "Expires"},
    Override{"response-cache-control", "Cache-Control"},
    Override{"response-content-disposition", "Content-Disposition"},
    Override{"response-content-encoding", "Content-Encoding"},
};

/// RFC 9110, section 13.1.5: the range is for the client only if the object is still the one that it knows.
bool range_applies(const S3Request& request, const ObjectInfo& info) {
  const auto condition = request.header("if-range");
  if (!condition) return true;
  if (const auto date = parse_http_date(*condition)) {
    return std::chrono::floor<std::chrono::seconds>(info.last_modified) == *date;
  }
  return quoted(*condition) == info.etag;
}

/// What of the object is to be sent. `partial`: with status 206.
struct Part {
  ByteRange::Slice slice;
  bool partial = false;
};

/// What partNumber asks for. Every object is one part here, however it was uploaded. Errors: S3's.
Result<Part> numbered_part(const S3Request& request, const ObjectInfo& info) {
  const auto number = parse_number(request, "partNumber", 1, 10'000, 1);
  if (!number) return number.error();
  if (request.header("range")) {
    return s3_error(S3Code::invalid_request, "Cannot specify both Range header and partNumber query parameter.");
  }
  if (*number == 1) return Part{{0, info.size}, info.size > 0};
  return s3_error(S3Code::invalid_part_number, "The requested partnumber is not satisfiable.");
}

/// Errors: range_not_satisfiable, S3's. Several ranges count as none, as in S3.
Result<Part> part_of(const S3Request& request, const ObjectInfo& info) {
  if (request.parameter("partNumber")) return numbered_part(request, info);
  const auto header = request.header("range");
  const auto range = header ? ByteRange::from_header(*header) : std::nullopt;
  if (!range || !range_applies(request, info)) return Part{{0, info.size}, false};
  return range->resolve(info.size).transform([](const ByteRange::Slice& slice) { return Part{slice, true}; });
}

/// The header fields that tell which version of the object is meant; a 304 has no others.
Headers version_headers(const ObjectInfo& info) {
  Headers headers{{"ETag", info.etag}, {"Last-Modified", http_date(info.last_modified)}};
  if (!info.attributes.cache_control.empty()) headers.push_back({"Cache-Control", info.attributes.cache_control});
  return headers;
}

void set_header(Headers& headers, std::string_view name, std::string_view value) {
  std::erase_if(headers, [&](const Header& h) { return equal_ignoring_case(h.name, name); });
  headers.push_back({std::string(name), std::string(value)});
}

/// Replaces what is stored by what the URL's signer asks for. Errors: S3's InvalidArgument for header injection.
Result<void> apply_overrides(const S3Request& request, Headers& headers) {
  for (const auto& [parameter, header] : overrides) {
    const auto value = request.parameter(parameter);
    if (!value) continue;
    if (!is_valid_utf8(*value) || has_control_character(*value)) {
      return s3_error(S3Code::invalid_argument, fmt::format("{} holds a control character.", parameter));
    }
    set_header(headers, header, *value);
  }
  return {};
}

Result<ResponseHead> head_of(const S3Request& request, const ObjectInfo& info, const Part& part) {
  ResponseHead head{part.partial ? 206 : 200, version_headers(info), part.slice.length};
  const ObjectAttributes& attributes = info.attributes;
  if (!attributes.content_type.empty()) head.headers.push_back({"Content-Type", attributes.content_type});
  if (!attributes.content_disposition.empty()) {
    head.headers.push_back({"Content-Disposition", attributes.content_disposition});
  }
  for (const auto& [name, value] : attributes.metadata) head.headers.push_back({"x-amz-meta-" + name, value});
  if (auto applied = apply_overrides(request, head.headers); !applied) return std::move(applied).error();
  head.headers.push_back({"Accept-Ranges", "bytes"});
  if (info.storage_class != standard_storage_class) {
    head.headers.push_back({"x-amz-storage-class", info.storage_class});
  }
  std::ranges::move(version_header(request), std::back_inserter(head.headers));
  if (part.partial) {
    const std::uint64_t last = part.slice.offset + part.slice.length - 1;
    head.headers.push_back({"Content-Range", fmt::format("bytes {}-{}/{}", part.slice.offset, last, info.size)});
  }
  // A stored page must not run scripts in the origin of this server; other servers on loopback share its cookies.
  head.headers.push_back({"Content-Security-Policy", "sandbox"});
  return head;
}

Result<void> not_modified(const S3Request& request, const ObjectKey& key, S3Responder& responder) {
  const auto info = request.bucket.store.head(key, {.call = request.call()});
  return responder.empty(304, info ? version_headers(*info) : Headers());
}

Result<void> range_not_satisfiable(const ObjectInfo& info, S3Responder& responder) {
  responder.add_header({"Content-Range", fmt::format("bytes */{}", info.size)});
  return s3_error(S3Code::invalid_range, fmt::format("The range selects no byte of {}.", info.size));
}

/// Sends the part of exactly this version. The response begins with the first byte, so that an object that was replaced
/// in between can be looked up again: then the error is precondition_failed and nothing has been sent.
Result<void> send_part(const S3Request& request, const ObjectKey& key, const ObjectInfo& info, const Part& part,
                       S3Responder& responder) {
  auto head = head_of(request, info, part);
  if (!head) return std::move(head).error();
  if (request.is_head() || part.slice.length == 0) return responder.begin(std::move(*head));
  GetOptions options{.conditions = {.if_match = info.etag}, .call = request.call()};
  if (part.partial) options.range = ByteRange::between(part.slice.offset, part.slice.offset + part.slice.length - 1);
  const auto sink = [&](ByteSpan bytes) -> Result<void> {
    if (!responder.begun()) {
      if (auto begun = responder.begin(*head); !begun) return begun;
    }
    return responder.write(bytes);
  };
  return request.bucket.store.get(key, sink, options).transform([](const ObjectInfo&) {});
}

}  // namespace

Result<void> read_object(const S3Request& request, S3Responder& responder) {
  auto checked = request.expect_no_body().and_then([&] { return check_version(request); });
  if (!checked) return checked;
  const auto key = parse_key(request.key);
  if (!key) return key.error();
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    const HeadOptions options{.conditions = conditions_of(request), .call = request.call()};
    const auto info = request.bucket.store.head(*key, options);
    if (!info && info.error().code() == ErrorCode::not_modified) return not_modified(request, *key, responder);
    if (!info) return info.error();
    const auto part = part_of(request, *info);
    if (!part && !part.error().service_code().empty()) return part.error();
    if (!part) return range_not_satisfiable(*info, responder);
    auto sent = send_part(request, *key, *info, *part, responder);
    const bool replaced = !sent && !responder.begun() && sent.error().code() == ErrorCode::precondition_failed;
    if (!replaced) return sent;
  }
  return s3_error(S3Code::slow_down, "The object is being replaced all the time.");
}

}  // namespace audiostore::local
