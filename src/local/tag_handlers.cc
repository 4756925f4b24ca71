#include "local/object_tags.h"
#include "local/s3_handlers.h"
#include "local/settings_xml.h"
#include "local/version.h"

#include <utility>

namespace audiostore::local {
namespace {

/// The key whose tags are meant. Errors: those of parse_key and check_version.
Result<ObjectKey> tagged_key(const S3Request& request) {
  if (auto version = check_version(request); !version) return std::move(version).error();
  return parse_key(request.key);
}

}  // namespace

Result<void> get_object_tags(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto key = tagged_key(request);
  if (!key) return key.error();
  const auto tags = request.bucket.store.tags(*key, {.call = request.call()});
  if (!tags) return tags.error();
  return responder.xml(200, write_tagging(*tags), version_header(request));
}

Result<void> put_object_tags(const S3Request& request, S3Responder& responder) {
  const auto key = tagged_key(request);
  if (!key) return key.error();
  const auto body = request.receive_text(max_settings_bytes, true);
  if (!body) return body.error();
  const auto tags = read_tagging(*body);
  if (!tags) return tags.error();
  if (auto set = request.bucket.store.set_tags(*key, *tags, {.call = request.call()}); !set) return set;
  return responder.empty(200, version_header(request));
}

Result<void> delete_object_tags(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto key = tagged_key(request);
  if (!key) return key.error();
  if (auto set = request.bucket.store.set_tags(*key, {}, {.call = request.call()}); !set) return set;
  return responder.empty(204, version_header(request));
}

}  // namespace audiostore::local
