#include "core/dates.h"
#include "core/text.h"
#include "local/listing.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/version.h"
#include "local/xml_writer.h"

#include <algorithm>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::uint64_t page_limit = 1000;

/// What both versions of ListObjects ask for.
struct Listing {
  ListOptions options;
  int max_keys = 0;  // 0 is legal here, though not in ListOptions
  bool url_encoded = false;

  /// A key or prefix as the reply shall have it.
  [[nodiscard]] std::string encoded(std::string_view text) const {
    return url_encoded ? uri_encode(text, UriPart::path) : std::string(text);
  }
};

Result<Listing> parse_listing(const S3Request& request) {
  if (auto none = request.expect_no_body(); !none) return std::move(none).error();
  const auto asked = parse_number(request, "max-keys", 0, INT32_MAX, page_limit);
  if (!asked) return asked.error();
  const int max_keys = static_cast<int>(std::min(*asked, page_limit));
  const auto encoded = is_url_encoded(request);
  if (!encoded) return encoded.error();
  auto delimiter = delimiter_of(request);
  if (!delimiter) return std::move(delimiter).error();
  return Listing{.options = {.prefix = std::string(request.parameter("prefix").value_or("")),
                             .delimiter = std::move(*delimiter),
                             .max_keys = std::max(1, max_keys),
                             .call = request.call()},
                 .max_keys = max_keys,
                 .url_encoded = *encoded};
}

Result<ListPage> read_page(const S3Request& request, const Listing& listing) {
  if (listing.max_keys == 0) return ListPage{};
  return request.bucket.store.list(listing.options);
}

/// The elements that all listings have in front of the keys.
XmlWriter begin_result(std::string_view root, const S3Request& request, const Listing& listing, const ListPage& page) {
  XmlWriter xml(root);
  xml.text("Name", request.bucket.options.bucket).text("Prefix", listing.encoded(listing.options.prefix));
  if (!listing.options.delimiter.empty()) xml.text("Delimiter", listing.encoded(listing.options.delimiter));
  xml.text("MaxKeys", std::to_string(listing.max_keys));
  if (listing.url_encoded) xml.text("EncodingType", "url");
  xml.text("IsTruncated", page.next_token.empty() ? "false" : "true");
  return xml;
}

enum class Entries { objects, versions };

std::string finish_result(XmlWriter& xml, const Listing& listing, const ListPage& page,
                          Entries entries = Entries::objects) {
  for (const ObjectSummary& object : page.objects) {
    xml.open(entries == Entries::objects ? "Contents" : "Version").text("Key", listing.encoded(object.key));
    if (entries == Entries::versions) xml.text("VersionId", null_version).text("IsLatest", "true");
    xml.text("LastModified", iso_date(object.last_modified)).text("ETag", object.etag);
    xml.text("Size", std::to_string(object.size)).text("StorageClass", object.storage_class).close();
  }
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes").text("Prefix", listing.encoded(prefix)).close();
  }
  return xml.finish();
}

/// The greatest entry of a page.
std::string last_entry(const ListPage& page) {
  const std::string key = page.objects.empty() ? "" : page.objects.back().key;
  const std::string prefix = page.common_prefixes.empty() ? "" : page.common_prefixes.back();
  return std::max(key, prefix);
}

}  // namespace

Result<void> list_objects_v1(const S3Request& request, S3Responder& responder) {
  auto listing = parse_listing(request);
  if (!listing) return std::move(listing).error();
  const std::string marker(request.parameter("marker").value_or(""));
  listing->options.start_after = behind(marker, listing->options.delimiter);
  const auto page = read_page(request, *listing);
  if (!page) return page.error();
  XmlWriter xml = begin_result("ListBucketResult", request, *listing, *page);
  xml.text("Marker", listing->encoded(marker));
  const bool has_next_marker = !page->next_token.empty() && !listing->options.delimiter.empty();
  if (has_next_marker) xml.text("NextMarker", listing->encoded(last_entry(*page)));
  return responder.xml(200, finish_result(xml, *listing, *page));
}

/// Every object is the one version of its key.
Result<void> list_versions(const S3Request& request, S3Responder& responder) {
  auto listing = parse_listing(request);
  if (!listing) return std::move(listing).error();
  const std::string key_marker(request.parameter("key-marker").value_or(""));
  const std::string version_marker(request.parameter("version-id-marker").value_or(""));
  if (key_marker.empty() && !version_marker.empty()) {
    return s3_error(S3Code::invalid_argument, "A version-id marker cannot be specified without a key marker.");
  }
  listing->options.start_after = behind(key_marker, listing->options.delimiter);
  const auto page = read_page(request, *listing);
  if (!page) return page.error();
  XmlWriter xml = begin_result("ListVersionsResult", request, *listing, *page);
  xml.text("KeyMarker", listing->encoded(key_marker)).text("VersionIdMarker", version_marker);
  if (!page->next_token.empty()) {
    const std::string last = last_entry(*page);
    xml.text("NextKeyMarker", listing->encoded(last));
    const bool is_key = !page->objects.empty() && page->objects.back().key == last;
    if (is_key) xml.text("NextVersionIdMarker", null_version);
  }
  return responder.xml(200, finish_result(xml, *listing, *page, Entries::versions));
}

Result<void> list_objects_v2(const S3Request& request, S3Responder& responder) {
  if (request.parameter("list-type") != "2") return s3_error(S3Code::invalid_argument, "list-type must be 2.");
  auto listing = parse_listing(request);
  if (!listing) return std::move(listing).error();
  const auto token = request.parameter("continuation-token");
  const auto start_after = request.parameter("start-after");
  if (token && token->empty()) return s3_error(S3Code::invalid_argument, "The continuation token is empty.");
  listing->options.continuation_token = token.value_or("");
  listing->options.start_after = start_after.value_or("");
  const auto page = read_page(request, *listing);
  if (!page) return page.error();
  XmlWriter xml = begin_result("ListBucketResult", request, *listing, *page);
  xml.text("KeyCount", std::to_string(page->objects.size() + page->common_prefixes.size()));
  if (token) xml.text("ContinuationToken", *token);
  if (!page->next_token.empty()) xml.text("NextContinuationToken", page->next_token);
  if (start_after) xml.text("StartAfter", listing->encoded(*start_after));
  return responder.xml(200, finish_result(xml, *listing, *page));
}

}  // namespace audiostore::local
