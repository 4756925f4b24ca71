// Every document that a service may send: parsed or refused, never crashed on, and what comes out is what can be
// trusted.
#include "core/text.h"
#include "fuzz/fuzz.h"
#include "s3/multipart/multipart_xml.h"
#include "s3/xml.h"
#include "s3/xml_guard.h"
#include "s3/xml_requests.h"
#include "s3/xml_tree.h"

using namespace audiostore;

namespace {

void check_listing(std::string_view xml) {
  const auto page = parse_list_result(xml);
  if (!page) return;
  for (const ObjectSummary& object : page->objects) {
    fuzz::require(!object.key.empty() && is_valid_utf8(object.key), "a listed key is UTF-8 and not empty");
  }
  for (const std::string& prefix : page->common_prefixes) {
    fuzz::require(!prefix.empty() && is_valid_utf8(prefix), "a listed prefix is UTF-8 and not empty");
  }
}

void check_error(std::string_view xml) {
  const std::string mended = mended_error_document(xml);
  static_cast<void>(parse_error_document(mended));
  if (parse_error_document(xml)) {
    fuzz::require(guard_xml(xml, max_error_bytes).has_value(), "an error document has passed the guard");
    fuzz::require(!parse_copy_result(xml), "an error document is no success");
  }
}

void check_etag(const Result<std::string>& etag) {
  if (!etag) return;
  for (const char c : *etag) fuzz::require(c >= 0x20 && c < 0x7f, "an ETag is printable");
}

void check_uploads(std::string_view xml) {
  if (const auto id = parse_begun_upload(xml)) {
    fuzz::require(!id->empty() && !has_control_character(*id), "an upload's id is there and can be sent back");
  }
  if (const auto page = parse_parts_page(xml)) {
    for (const StoredPart& part : page->parts) {
      fuzz::require(part.number >= 1 && part.number <= 10'000 && !part.etag.empty(), "a listed part can be named");
    }
    fuzz::require(page->next_marker >= 0 && page->next_marker <= 10'000, "the list of parts has an end");
  }
  if (const auto page = parse_uploads_page(xml)) {
    for (const UnfinishedUpload& upload : page->uploads) {
      fuzz::require(is_valid_utf8(upload.key) && !upload.key.empty() && !upload.upload_id.empty(),
                    "a listed upload can be dropped");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml = fuzz::text_of(data, size);
  check_listing(xml);
  check_error(xml);
  check_uploads(xml);
  for (const auto& etag : {parse_copy_result(xml), parse_copied_part(xml), parse_completed_upload(xml)}) {
    check_etag(etag);
  }
  static_cast<void>(parse_delete_result(xml));
  static_cast<void>(parse_delete_objects_request(xml));
  static_cast<void>(parse_complete_request(xml));
  static_cast<void>(parse_sts_credentials(xml, "AssumeRole"));
  static_cast<void>(parse_sts_error(xml));
  static_cast<void>(parse_xml(xml, "CORSConfiguration", max_small_reply_bytes));
  return 0;
}
