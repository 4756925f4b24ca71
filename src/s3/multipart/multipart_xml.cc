#include "s3/multipart/multipart_xml.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/xml.h"
#include "s3/xml_text.h"
#include "s3/xml_tree.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

constexpr std::size_t max_parts = 10'000;

Error malformed(std::string_view what) { return Error(ErrorCode::corrupt, what); }

Result<std::string> etag_in(std::string_view xml, std::string_view root) {
  const auto node = parse_xml(xml, root, max_small_reply_bytes);
  if (!node) return node.error();
  return quoted_etag(node->text_of("ETag"));
}

Result<bool> is_truncated(const XmlNode& page) {
  const std::string_view text = page.text_of("IsTruncated");
  if (text == "true" || text == "false") return text == "true";
  return malformed("the listing does not say whether it is complete");
}

Result<StoredPart> part_in(const XmlNode& node) {
  const auto number = parse_decimal(node.text_of("PartNumber"));
  const auto size = parse_decimal(node.text_of("Size"));
  auto etag = quoted_etag(node.text_of("ETag"));
  if (!number || *number < 1 || *number > max_parts || !size || !etag || etag->empty()) {
    return malformed("a listed part lacks its number, size or ETag");
  }
  return StoredPart{static_cast<int>(*number), *std::move(etag), *size};
}

Result<UnfinishedUpload> upload_in(const XmlNode& node, bool encoded) {
  auto key = listed_name(node, "Key", encoded);
  if (!key) return std::move(key).error();
  const auto begun = parse_iso_date(node.text_of("Initiated"));
  std::string id(node.text_of("UploadId"));
  if (!begun || id.empty()) return malformed("a listed upload lacks its id or its date").with_key(*key);
  return UnfinishedUpload{*std::move(key), std::move(id), *begun};
}

}  // namespace

Result<std::string> parse_begun_upload(std::string_view xml) {
  const auto node = parse_xml(xml, "InitiateMultipartUploadResult", max_small_reply_bytes);
  if (!node) return node.error();
  std::string id(node->text_of("UploadId"));
  if (id.empty() || has_control_character(id)) return malformed("the service has begun an upload without an id");
  return id;
}

std::string write_complete_request(std::span<const UploadedPart> parts) {
  std::string xml = R"(<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
  for (const UploadedPart& part : parts) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>", part.number);
    append_escaped(xml, part.etag);
    xml += "</ETag></Part>";
  }
  return xml += "</CompleteMultipartUpload>";
}

Result<std::string> parse_completed_upload(std::string_view xml) {
  return etag_in(xml, "CompleteMultipartUploadResult");
}

Result<std::string> parse_copied_part(std::string_view xml) {
  return etag_in(xml, "CopyPartResult").and_then([](std::string etag) -> Result<std::string> {
    if (etag.empty()) return malformed("the reply to a copied part has no ETag");
    return etag;
  });
}

Result<PartsPage> parse_parts_page(std::string_view xml) {
  const auto root = parse_xml(xml, "ListPartsResult", max_listing_bytes);
  if (!root) return root.error();
  PartsPage page;
  for (const XmlNode& node : root->children) {
    if (node.name != "Part") continue;
    auto part = part_in(node);
    if (!part) return std::move(part).error();
    page.parts.push_back(*std::move(part));
  }
  const auto truncated = is_truncated(*root);
  if (!truncated) return truncated.error();
  if (!*truncated) return page;
  const auto next = parse_decimal(root->text_of("NextPartNumberMarker"));
  if (!next || *next < 1 || *next > max_parts) return malformed("the list of parts is truncated but gives no marker");
  page.next_marker = static_cast<int>(*next);
  return page;
}

Result<UploadsPage> parse_uploads_page(std::string_view xml, bool encodes_unsaid) {
  const auto root = parse_xml(xml, "ListMultipartUploadsResult", max_listing_bytes);
  if (!root) return root.error();
  const bool encoded = encodes_unsaid || root->text_of("EncodingType") == "url";
  UploadsPage page;
  for (const XmlNode& node : root->children) {
    if (node.name != "Upload") continue;
    auto upload = upload_in(node, encoded);
    if (!upload) return std::move(upload).error();
    page.uploads.push_back(*std::move(upload));
  }
  const auto truncated = is_truncated(*root);
  if (!truncated) return truncated.error();
  if (!*truncated) return page;
  auto next_key = listed_name(*root, "NextKeyMarker", encoded);
  if (!next_key) return malformed("the list of uploads is truncated but gives no marker");
  page.next_key = *std::move(next_key);
  page.next_id = root->text_of("NextUploadIdMarker");
  return page;
}

}  // namespace audiostore
