#include "core/dates.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/version.h"
#include "local/write_request.h"
#include "local/xml_writer.h"

#include <utility>

namespace audiostore::local {
namespace {

Result<bool> replaces_attributes(const S3Request& request) {
  const std::string_view directive = request.header("x-amz-metadata-directive").value_or("COPY");
  if (directive == "COPY" || directive == "REPLACE") return directive == "REPLACE";
  return s3_error(S3Code::invalid_argument, "x-amz-metadata-directive must be COPY or REPLACE.");
}

Result<CopyOptions> copy_options(const S3Request& request) {
  CopyOptions options{.source_if_match = std::string(request.header("x-amz-copy-source-if-match").value_or("")),
                      .call = request.call()};
  if (request.header("x-amz-tagging-directive").value_or("COPY") != "COPY") {
    return s3_error(S3Code::not_implemented, "x-amz-tagging-directive can only be COPY here.");
  }
  auto storage_class = storage_class_of(request);
  if (!storage_class) return std::move(storage_class).error();
  options.storage_class = std::move(*storage_class);
  const auto replaces = replaces_attributes(request);
  if (!replaces) return replaces.error();
  if (*replaces) {
    auto attributes = attributes_of(request);
    if (!attributes) return std::move(attributes).error();
    options.attributes = std::move(*attributes);
  }
  return options;
}

}  // namespace

Result<void> put_object(const S3Request& request, S3Responder& responder) {
  const auto key = parse_key(request.key);
  if (!key) return key.error();
  auto options = put_options(request);
  if (!options) return std::move(options).error();
  if (auto added = add_conditions(request, *options); !added) return added;
  const auto body = request.receive_body(max_request_bytes(request));
  if (!body) return body.error();
  const auto stored = store_object(request, *key, body->payload, *options);
  if (!stored) return stored.error();
  return responder.empty(200, stored_headers(request, stored->etag, body->checksum));
}

Result<void> copy_object(const S3Request& request, S3Responder& responder) {
  auto checked = request.expect_no_body().and_then([&] { return check_storage(request); }).and_then([&] {
    return refuse_headers(request, {"if-match", "if-none-match"});
  });
  if (!checked) return checked;
  const auto from = copy_source(request);
  if (!from) return from.error();
  const auto to = parse_key(request.key);
  if (!to) return to.error();
  const auto options = copy_options(request);
  if (!options) return options.error();
  if (*from == *to && !options->attributes && options->storage_class.empty()) {
    return s3_error(S3Code::invalid_request, "A copy onto itself must replace the metadata or the storage class.");
  }
  const auto copied = request.bucket.store.copy(*from, *to, *options);
  if (!copied) return copied.error();
  XmlWriter xml("CopyObjectResult");
  xml.text("LastModified", iso_date(request.bucket.options.clock->now())).text("ETag", copied->etag);
  return responder.xml(200, xml.finish(), encryption_header(request));
}

Result<void> delete_object(const S3Request& request, S3Responder& responder) {
  auto checked = request.expect_no_body().and_then([&] { return check_version(request); }).and_then([&] {
    return refuse_headers(request, {"if-match"});
  });
  if (!checked) return checked;
  const auto key = parse_key(request.key);
  if (!key) return key.error();
  if (auto removed = request.bucket.store.remove(*key, {.call = request.call()}); !removed) return removed;
  return responder.empty(204, version_header(request));
}

}  // namespace audiostore::local
