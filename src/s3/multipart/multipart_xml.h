// The XML documents of uploads in parts, as a client writes and reads them. Errors of all: corrupt.
#pragma once

#include <audiostore/object_store.h>
#include <audiostore/s3_uploads.h>
#include <audiostore/transfer.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// The upload id in an <InitiateMultipartUploadResult>.
Result<std::string> parse_begun_upload(std::string_view xml);

/// A <CompleteMultipartUpload> of these parts, which stand in the order of their numbers.
std::string write_complete_request(std::span<const UploadedPart> parts);

/// The ETag in a <CompleteMultipartUploadResult>; empty where the service does not tell it, as Ceph does not.
Result<std::string> parse_completed_upload(std::string_view xml);

/// The ETag in a <CopyPartResult>.
Result<std::string> parse_copied_part(std::string_view xml);

struct PartsPage {
  std::vector<StoredPart> parts;
  int next_marker = 0;  ///< the number behind which the next page begins; 0 on the last page
};
/// A <ListPartsResult>; refused when it is truncated but does not say where to go on.
Result<PartsPage> parse_parts_page(std::string_view xml);

struct UploadsPage {
  std::vector<UnfinishedUpload> uploads;
  std::string next_key;  ///< both empty on the last page
  std::string next_id;
};
/// A <ListMultipartUploadsResult>; refused when it is truncated but does not say where to go on.
/// `encodes_unsaid`: names are URL-encoded also where the document does not say so.
Result<UploadsPage> parse_uploads_page(std::string_view xml, bool encodes_unsaid = false);

}  // namespace audiostore
