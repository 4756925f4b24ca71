// S3's XML documents, read and written.
#pragma once

#include <audiostore/credentials.h>
#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include "s3/xml_tree.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

struct XmlNode;

// What is read at most of a reply, in bytes.
inline constexpr std::size_t max_error_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t max_small_reply_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t max_listing_bytes = std::size_t{16} * 1024 * 1024;

/// An <Error> document. Fields that it does not have are empty.
struct S3ErrorDocument {
  std::string code = {};
  std::string message = {};
  std::string request_id = {};
  std::string region = {};
  std::string endpoint = {};  ///< where a redirect points to
};

/// nullopt for everything whose root element is not <Error>: by its root, never by words that occur in it.
std::optional<S3ErrorDocument> parse_error_document(std::string_view xml);

/// What an <Error> document that was cut off, or is followed by something else, says up to its last whole element: a
/// document that parse_error_document() takes. Anything else than such a document comes out as nothing that it takes.
std::string mended_error_document(std::string_view xml);

/// A <ListBucketResult> of ListObjectsV2. Keys and prefixes come back decoded, in the order of the document.
/// Errors: corrupt, also for a truncated list without a token and an entry without a key.
Result<ListPage> parse_list_result(std::string_view xml);

/// The ETag in a <CopyObjectResult>. Errors: corrupt, also for any other root element.
Result<std::string> parse_copy_result(std::string_view xml);

/// One failed key of a <DeleteResult>.
struct FailedDelete {
  std::string key;
  S3ErrorDocument error;
};

struct DeleteResultDocument {
  std::vector<std::string> deleted;
  std::vector<FailedDelete> failed;
};
/// Errors: corrupt, also for any other root element.
Result<DeleteResultDocument> parse_delete_result(std::string_view xml);

/// The body of a DeleteObjects request.
struct DeleteObjectsRequest {
  std::vector<std::string> keys;
  bool quiet = false;
};
std::string write_delete_objects_request(std::span<const ObjectKey> keys);
/// Errors: corrupt.
Result<DeleteObjectsRequest> parse_delete_objects_request(std::string_view xml);

/// The credentials in STS's reply to `action`, e.g. "AssumeRole". Errors: corrupt, also for any other root element.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
Result<Credentials> parse_sts_credentials(std::string_view xml, std::string_view action);

/// The <Error> in an <ErrorResponse> of STS; nullopt for everything else.
std::optional<S3ErrorDocument> parse_sts_error(std::string_view xml);

/// The name in the child `element` of `parent`, e.g. a key, decoded if the listing is URL-encoded. Errors: corrupt,
/// also where there is none.
Result<std::string> listed_name(const XmlNode& parent, std::string_view element, bool encoded);

/// An ETag as HTTP has it: with quotes, which some servers leave out in XML. "" for "". Errors: corrupt when it holds
/// anything but printable ASCII (RFC 9110, section 8.8.3), since callers print ETags and send them back.
Result<std::string> quoted_etag(std::string_view etag);

}  // namespace audiostore
