#include "core/dates.h"
#include "core/text.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/xml_writer.h"
#include "s3/xml.h"
#include "s3/xml_tree.h"

#include <vector>

namespace audiostore::local {
namespace {

constexpr std::uint64_t max_configuration_bytes = std::uint64_t{64} * 1024;
constexpr std::uint64_t max_delete_bytes = std::uint64_t{4} << 20;  // 1,000 keys of 1,024 bytes, escaped
constexpr std::size_t max_delete_keys = 1000;

/// One key of a DeleteObjects request, and what keeps it from being removed.
struct KeyToRemove {
  std::string text;
  std::optional<ObjectKey> key;
  std::optional<Error> error;
};

std::vector<KeyToRemove> parse_keys(std::vector<std::string> texts) {
  std::vector<KeyToRemove> entries;
  for (std::string& text : texts) {
    auto key = parse_key(text);
    if (key) {
      entries.push_back({std::move(text), std::move(*key), std::nullopt});
    } else {
      entries.push_back({std::move(text), std::nullopt, std::move(key).error()});
    }
  }
  return entries;
}

/// Removes the keys that are keys, and notes what became of each. Errors: those of the call as a whole.
Result<void> remove_keys(const S3Request& request, std::vector<KeyToRemove>& entries) {
  std::vector<ObjectKey> keys;
  std::vector<KeyToRemove*> asked;
  for (KeyToRemove& entry : entries) {
    if (!entry.key) continue;
    keys.push_back(*entry.key);
    asked.push_back(&entry);
  }
  const auto report = request.bucket.store.remove_many(keys, {.call = request.call()});
  if (!report) return report.error();
  for (std::size_t i = 0; i < report->outcomes.size(); ++i) asked[i]->error = report->outcomes[i].error;
  return {};
}

std::string delete_result(const std::vector<KeyToRemove>& entries, bool quiet) {
  XmlWriter xml("DeleteResult");
  for (const KeyToRemove& entry : entries) {
    if (!entry.error) {
      if (!quiet) xml.open("Deleted").text("Key", entry.text).close();
      continue;
    }
    const Error error = as_s3_error(*entry.error);
    xml.open("Error").text("Key", entry.text).text("Code", error.service_code()).text("Message", error.message());
    xml.close();
  }
  return xml.finish();
}

/// Whether a CreateBucketConfiguration asks for the region that this is.
Result<void> check_location(const S3Request& request) {
  const auto body = request.receive_text(max_configuration_bytes);
  if (!body) return body.error();
  const auto root = parse_xml(*body, "CreateBucketConfiguration", max_configuration_bytes);
  if (!root) return s3_error(S3Code::malformed_xml, root.error().message());
  const std::string_view location = root->text_of("LocationConstraint");
  if (location.empty() || location == request.bucket.options.region) return {};
  return s3_error(S3Code::invalid_location_constraint, "This endpoint is in another region.");
}

}  // namespace

Result<void> list_buckets(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  XmlWriter xml("ListAllMyBucketsResult");
  xml.open("Owner").text("ID", "audiostore").text("DisplayName", "audiostore").close();
  xml.open("Buckets").open("Bucket").text("Name", request.bucket.options.bucket);
  xml.text("CreationDate", iso_date(request.bucket.created));
  return responder.xml(200, xml.finish());
}

Result<void> head_bucket(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  return responder.empty(200, {{"x-amz-bucket-region", request.bucket.options.region}});
}

/// The bucket is there already: an error everywhere but in S3's oldest region, where it is none.
Result<void> create_bucket(const S3Request& request, S3Responder& responder) {
  if (request.incoming.content_length.value_or(0) == 0) {
    if (auto none = request.expect_no_body(); !none) return none;
  } else if (auto fits = check_location(request); !fits) {
    return fits;
  }
  if (request.bucket.options.region != "us-east-1") {
    return s3_error(S3Code::bucket_already_owned_by_you, "The bucket exists already and is yours.");
  }
  return responder.empty(200, {{"Location", "/" + request.bucket.options.bucket}});
}

Result<void> get_bucket_location(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  XmlWriter xml("LocationConstraint");
  if (request.bucket.options.region != "us-east-1") xml.text(request.bucket.options.region);
  return responder.xml(200, xml.finish());
}

/// This bucket keeps no versions, and never did.
Result<void> get_bucket_versioning(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  return responder.xml(200, XmlWriter("VersioningConfiguration").finish());
}

Result<void> delete_objects(const S3Request& request, S3Responder& responder) {
  const auto body = request.receive_text(max_delete_bytes, true);
  if (!body) return body.error();
  auto asked = parse_delete_objects_request(*body);
  if (!asked) return s3_error(S3Code::malformed_xml, asked.error().message());
  if (asked->keys.empty() || asked->keys.size() > max_delete_keys) {
    return s3_error(S3Code::malformed_xml, "Name 1 to 1,000 objects.");
  }
  auto entries = parse_keys(std::move(asked->keys));
  if (auto removed = remove_keys(request, entries); !removed) return removed;
  return responder.xml(200, delete_result(entries, asked->quiet));
}

}  // namespace audiostore::local
