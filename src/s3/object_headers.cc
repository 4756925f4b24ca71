#include "s3/object_headers.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/encryption.h"
#include "s3/xml.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

Error unexpected(const std::string& message) { return Error(ErrorCode::corrupt, message); }

/// True for a value that can be printed as it is. Other clients store what we would not: UTF-8, Latin-1, and controls
/// of both, which a terminal obeys as it does ESC.
bool is_harmless(std::string_view value) {
  if (is_valid_utf8(value)) return !has_control_character(value);
  return std::ranges::all_of(value,
                             [](char c) { return (static_cast<unsigned char>(c) & 0x7fU) >= 0x20 && c != 0x7f; });
}

ObjectAttributes attributes_of(const Headers& headers) {
  const auto field = [&](std::string_view name) {
    const std::string_view value = find_header(headers, name).value_or("");
    return std::string(is_harmless(value) ? value : "");
  };
  ObjectAttributes attributes{.content_type = field("Content-Type"),
                              .content_disposition = field("Content-Disposition"),
                              .cache_control = field("Cache-Control")};
  for (const auto& [name, value] : headers) {
    const std::string lower = to_lower(name);
    if (!lower.starts_with(metadata_prefix) || !is_harmless(value)) continue;
    if (lower == mark_header || lower == sha256_header) continue;
    attributes.metadata[lower.substr(metadata_prefix.size())] = value;
  }
  return attributes;
}

/// "bytes 0-9/100".
struct ContentRange {
  ByteRange::Slice slice;
  std::uint64_t total;
};

std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) return std::nullopt;
  const auto first = parse_decimal(text.substr(0, dash));
  const auto last = parse_decimal(text.substr(dash + 1, slash - dash - 1));
  const auto total = parse_decimal(text.substr(slash + 1));
  if (!first || !last || !total || *last < *first || *last >= *total) return std::nullopt;
  return ContentRange{{*first, *last - *first + 1}, *total};
}

/// Fills in size and slice of a 206, which must be the range that was asked for and no other.
Result<void> read_range(ObjectInfo& info, const HttpResponse& response, const ByteRange& range, std::uint64_t length) {
  if (response.status != 206) return unexpected("the service ignored the byte range and sent something else");
  const auto sent = parse_content_range(find_header(response.headers, "Content-Range").value_or(""));
  if (!sent) return unexpected("the reply to a byte range does not say which bytes it holds");
  const auto asked = range.resolve(sent->total);
  if (!asked || asked->offset != sent->slice.offset || asked->length != sent->slice.length || length != asked->length) {
    return unexpected("the service sent other bytes than the range that was asked for");
  }
  info.size = sent->total;
  info.delivered = sent->slice;
  return {};
}

}  // namespace

std::size_t metadata_bytes(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    if (to_lower(name).starts_with(metadata_prefix)) bytes += name.size() - metadata_prefix.size() + value.size();
  }
  return bytes;
}

Headers attribute_headers(const ObjectAttributes& attributes) {
  Headers headers;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) headers.push_back({std::string(name), value});
  };
  add("Content-Type", attributes.content_type);
  add("Content-Disposition", attributes.content_disposition);
  add("Cache-Control", attributes.cache_control);
  for (const auto& [name, value] : attributes.metadata) {
    std::string header = std::string(metadata_prefix) + name;
    if (header != sha256_header) headers.push_back({std::move(header), value});
  }
  return headers;
}

Headers condition_headers(const Conditions& conditions) {
  Headers headers;
  if (!conditions.if_match.empty()) headers.push_back({"If-Match", conditions.if_match});
  if (!conditions.if_none_match.empty()) headers.push_back({"If-None-Match", conditions.if_none_match});
  if (const auto& since = conditions.if_modified_since) headers.push_back({"If-Modified-Since", http_date(*since)});
  if (const auto& since = conditions.if_unmodified_since) headers.push_back({"If-Unmodified-Since", http_date(*since)});
  return headers;
}

Result<ObjectInfo> object_info(const HttpResponse& response, std::string_view key,
                               const std::optional<ByteRange>& range) {
  const auto length = parse_decimal(find_header(response.headers, "Content-Length").value_or(""));
  if (!length) return unexpected("the reply does not say how long the object is");
  auto etag = etag_of(response);
  if (!etag) return std::move(etag).error();
  ObjectInfo info{
      .key = std::string(key),
      .size = *length,
      .etag = *std::move(etag),
      .last_modified =
          parse_http_date(find_header(response.headers, "Last-Modified").value_or("")).value_or(TimePoint{}),
      .attributes = attributes_of(response.headers),
      .delivered = {0, *length}};
  // S3 says nothing of the class that it says nothing of: STANDARD.
  if (const auto named = find_header(response.headers, "x-amz-storage-class"); named && is_token(*named)) {
    info.storage_class = *named;
  }
  info.encryption = told_encryption(response.headers);
  if (range) {
    if (auto read = read_range(info, response, *range, *length); !read) return std::move(read).error();
  } else if (response.status != 200) {
    return unexpected(fmt::format("the service answered {} where 200 was expected", response.status));
  }
  return info;
}

Result<std::string> etag_of(const HttpResponse& response) {
  const auto etag = find_header(response.headers, "ETag");
  if (!etag || etag->empty()) return unexpected("the reply has no ETag");
  return quoted_etag(*etag);
}

}  // namespace audiostore
