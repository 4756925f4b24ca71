#include "core/dates.h"
#include "core/text.h"
#include "local/listing.h"
#include "local/multipart.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/xml_writer.h"

#include <algorithm>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::uint64_t page_limit = 1000;
// Behind every id: ids are hex.
constexpr std::string_view last_id = "~";

void write_owner(XmlWriter& xml) {
  for (const std::string_view element : {"Initiator", "Owner"}) {
    xml.open(element).text("ID", "audiostore").text("DisplayName", "audiostore").close();
  }
  xml.text("StorageClass", "STANDARD");
}

/// What ListMultipartUploads asks for.
struct UploadListing {
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string id_marker;
  std::size_t max_uploads = 0;
  bool url_encoded = false;

  [[nodiscard]] std::string encoded(std::string_view text) const {
    return url_encoded ? uri_encode(text, UriPart::path) : std::string(text);
  }

  /// Behind which name the page begins. Without an id, the marker stands for all uploads of its key.
  [[nodiscard]] UploadName start() const {
    const UploadName marker = id_marker.empty() ? UploadName{behind(key_marker, delimiter), std::string(last_id)}
                                                : UploadName{key_marker, id_marker};
    const UploadName before_prefix{prefix, ""};
    return key_marker.empty() ? before_prefix : std::max(marker, before_prefix);
  }

  /// The common prefix that `key` is folded into; "" where it is not.
  [[nodiscard]] std::string folded(const std::string& key) const {
    const auto end = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
    return end == std::string::npos ? "" : key.substr(0, end + delimiter.size());
  }
};

Result<UploadListing> parse_upload_listing(const S3Request& request) {
  if (auto none = request.expect_no_body(); !none) return std::move(none).error();
  const auto max_uploads = parse_number(request, "max-uploads", 1, INT32_MAX, page_limit);
  if (!max_uploads) return max_uploads.error();
  const auto encoded = is_url_encoded(request);
  if (!encoded) return encoded.error();
  auto delimiter = delimiter_of(request);
  if (!delimiter) return std::move(delimiter).error();
  const auto given = [&](std::string_view name) { return std::string(request.parameter(name).value_or("")); };
  return UploadListing{.prefix = given("prefix"),
                       .delimiter = std::move(*delimiter),
                       .key_marker = given("key-marker"),
                       .id_marker = given("key-marker").empty() ? "" : given("upload-id-marker"),
                       .max_uploads = static_cast<std::size_t>(std::min(*max_uploads, page_limit)),
                       .url_encoded = *encoded};
}

struct UploadPage {
  std::vector<ListedUpload> uploads;
  std::vector<std::string> common_prefixes;
  std::optional<UploadName> next;  // the last name of the page, if others follow
};

UploadPage read_page(const Uploads& uploads, const UploadListing& listing) {
  UploadPage page;
  UploadName at = listing.start();
  UploadName last_entry;
  for (auto found = uploads.next(at); found && found->name.key.starts_with(listing.prefix); found = uploads.next(at)) {
    if (page.uploads.size() + page.common_prefixes.size() == listing.max_uploads) {
      page.next = last_entry;
      return page;
    }
    std::string prefix = listing.folded(found->name.key);
    if (prefix.empty()) {
      at = last_entry = found->name;
      page.uploads.push_back(std::move(*found));
    } else {
      last_entry = {prefix, ""};
      at = {behind(prefix, listing.delimiter), std::string(last_id)};
      page.common_prefixes.push_back(std::move(prefix));
    }
  }
  return page;
}

}  // namespace

Result<void> list_parts(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto max_parts = parse_number(request, "max-parts", 1, INT32_MAX, page_limit);
  if (!max_parts) return max_parts.error();
  const auto marker = parse_number(request, "part-number-marker", 0, INT32_MAX, 0);
  if (!marker) return marker.error();
  const auto name = named_upload(request);
  if (!name) return name.error();
  const auto limit = static_cast<std::size_t>(std::min(*max_parts, page_limit));
  auto parts = request.bucket.uploads.parts(*name, static_cast<int>(*marker), limit + 1);
  if (!parts) return std::move(parts).error();
  const bool truncated = parts->size() > limit;
  if (truncated) parts->pop_back();
  XmlWriter xml("ListPartsResult");
  xml.text("Bucket", request.bucket.options.bucket).text("Key", name->key).text("UploadId", name->id);
  write_owner(xml);
  xml.text("PartNumberMarker", std::to_string(*marker));
  if (truncated) xml.text("NextPartNumberMarker", std::to_string(parts->back().number));
  xml.text("MaxParts", std::to_string(limit)).text("IsTruncated", truncated ? "true" : "false");
  for (const auto& [number, part] : *parts) {
    xml.open("Part").text("PartNumber", std::to_string(number)).text("LastModified", iso_date(part.stored));
    xml.text("ETag", part.etag).text("Size", std::to_string(part.bytes->size()));
    if (part.checksum) xml.text(checksum_element(part.checksum->algorithm), part.checksum->value);
    xml.close();
  }
  return responder.xml(200, xml.finish());
}

Result<void> list_uploads(const S3Request& request, S3Responder& responder) {
  const auto listing = parse_upload_listing(request);
  if (!listing) return listing.error();
  const UploadPage page = read_page(request.bucket.uploads, *listing);
  XmlWriter xml("ListMultipartUploadsResult");
  xml.text("Bucket", request.bucket.options.bucket).text("KeyMarker", listing->encoded(listing->key_marker));
  xml.text("UploadIdMarker", listing->id_marker).text("Prefix", listing->encoded(listing->prefix));
  if (!listing->delimiter.empty()) xml.text("Delimiter", listing->encoded(listing->delimiter));
  if (listing->url_encoded) xml.text("EncodingType", "url");
  if (page.next) xml.text("NextKeyMarker", listing->encoded(page.next->key)).text("NextUploadIdMarker", page.next->id);
  xml.text("MaxUploads", std::to_string(listing->max_uploads)).text("IsTruncated", page.next ? "true" : "false");
  for (const auto& [name, begun] : page.uploads) {
    xml.open("Upload").text("Key", listing->encoded(name.key)).text("UploadId", name.id);
    write_owner(xml);
    xml.text("Initiated", iso_date(begun)).close();
  }
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes").text("Prefix", listing->encoded(prefix)).close();
  }
  return responder.xml(200, xml.finish());
}

}  // namespace audiostore::local
