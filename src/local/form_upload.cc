#include "local/form_upload.h"

#include "core/text.h"
#include "local/form_fields.h"
#include "local/form_reader.h"
#include "local/object_tags.h"
#include "local/post_policy.h"
#include "local/s3_error.h"
#include "local/write_request.h"
#include "local/xml_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::uint64_t max_tail_bytes = std::uint64_t{20} * 1024;  // of the fields behind the file

/// Errors: those of the signature and of what it signs.
Result<PostPolicy> authorize(const FormUpload& form, const FormFields& fields) {
  const auto text = [&](std::string_view name) { return fields.find(name).value_or(""); };
  if (text("policy").empty()) return s3_error(S3Code::access_denied, "The form has no signed policy.");
  const auto token = fields.find("x-amz-security-token");
  auto verified = form.verifier.verify_policy({.policy = text("policy"),
                                               .algorithm = text("x-amz-algorithm"),
                                               .credential = text("x-amz-credential"),
                                               .date = text("x-amz-date"),
                                               .signature = text("x-amz-signature"),
                                               .token = token ? std::optional(std::string(*token)) : std::nullopt});
  if (!verified) return std::move(verified).error();
  const auto json = from_base64(text("policy"));
  if (!json) return s3_error(S3Code::invalid_policy_document, "Invalid Policy: it is not base64.");
  auto policy = parse_post_policy(*json);
  if (!policy) return policy;
  auto allowed = check_post_policy(*policy, fields.all(), form.bucket.options.clock->now());
  return std::move(allowed).transform([&] { return std::move(*policy); });
}

/// Reads the file and counts it. Errors: EntityTooLarge, EntityTooSmall.
BodyReader counted(FormReader& reader, const PostPolicy& policy) {
  return [&reader, &policy, count = std::uint64_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
    auto got = reader.read(out);
    if (!got) return got;
    count += *got;
    if (count > policy.max_bytes) {
      return s3_error(S3Code::entity_too_large, "Your proposed upload exceeds the maximum allowed size.");
    }
    if (*got == 0 && count < policy.min_bytes) {
      return s3_error(S3Code::entity_too_small, "Your proposed upload is smaller than the minimum allowed size.");
    }
    return got;
  };
}

/// Reads what is behind the file. Errors: IncorrectNumberOfFilesInPostRequest, those of the reader.
Result<void> skip_tail(FormUpload const& form, FormReader& reader) {
  const std::uint64_t begin = reader.position();
  for (;;) {
    const auto part = reader.next();
    if (!part) return part.error();
    if (!*part) break;
    if (is_file((*part)->name)) return several_files();
    if (reader.position() - begin > max_tail_bytes) return fields_too_long();
  }
  std::array<std::byte, 4096> epilogue;
  const auto rest = form.incoming.read_body(epilogue);
  return rest ? Result<void>() : rest.error();
}

std::string location(const FormUpload& form, const ObjectKey& key) {
  std::string_view path = form.target.path;
  if (path.ends_with('/')) path.remove_suffix(1);
  return fmt::format("http://{}{}/{}", find_header(form.incoming.head.headers, "host").value_or(""),
                     uri_encode(path, UriPart::path), uri_encode(key.str(), UriPart::path));
}

Result<void> respond(const FormUpload& form, const FormFields& fields, const ObjectKey& key, Headers headers,
                     S3Responder& responder) {
  const std::string url = location(form, key);
  const std::string etag(*find_header(headers, "ETag"));
  headers.push_back({"Location", url});
  const std::string_view status = fields.find("success_action_status").value_or("204");
  if (status == "200") return responder.empty(200, std::move(headers));
  if (status != "201") return responder.empty(204, std::move(headers));
  XmlWriter xml("PostResponse", "");
  xml.text("Location", url).text("Bucket", form.bucket.options.bucket).text("Key", key.str()).text("ETag", etag);
  return responder.xml(201, xml.finish(), std::move(headers));
}

/// Takes the file in and stores it.
Result<void> store_file(const FormUpload& form, const FormFields& fields, const PostPolicy& policy, FormReader& reader,
                        S3Responder& responder) {
  const auto key = parse_key(*fields.find("key"));
  if (!key) return key.error();
  IncomingRequest file{.head = {.method = "POST", .target = form.incoming.head.target, .headers = fields.as_headers()},
                       .content_length = form.incoming.content_length,
                       .read_body = counted(reader, policy),
                       .stop = form.incoming.stop};
  auto promise = body_promise(file.head.headers, {});
  if (!promise) return std::move(promise).error();
  const S3Request request{form.bucket, file, form.target, key->str(), std::move(*promise)};
  auto options = put_options(request);
  if (!options) return std::move(options).error();
  auto tags = fields.find("tagging") ? read_tagging(*fields.find("tagging")) : Result<Tags>(Tags());
  if (!tags) return std::move(tags).error();
  options->tags = std::move(*tags);
  const auto body = request.receive_body(std::numeric_limits<std::uint64_t>::max());
  if (!body) return body.error();
  if (auto skipped = skip_tail(form, reader); !skipped) return skipped;
  const auto stored = form.bucket.store.put(*key, body->payload, *options);
  if (!stored) return stored.error();
  return respond(form, fields, *key, stored_headers(request, stored->etag, body->checksum), responder);
}

}  // namespace

bool is_form_upload(const RequestHead& head) {
  constexpr std::string_view type = "multipart/form-data";
  const std::string_view content_type = find_header(head.headers, "content-type").value_or("");
  return head.method == "POST" && head.target.find('?') == std::string::npos &&
         equal_ignoring_case(content_type.substr(0, type.size()), type) && !find_header(head.headers, "authorization");
}

Result<void> post_object(const FormUpload& form, S3Responder& responder) {
  if (!form.incoming.content_length) return s3_error(S3Code::missing_content_length, "Send a Content-Length.");
  const auto boundary = form_boundary(find_header(form.incoming.head.headers, "content-type").value_or(""));
  if (!boundary) return s3_error(S3Code::malformed_post_request, "The Content-Type has no boundary.");
  FormReader reader([&](std::span<std::byte> out) { return form.incoming.read_body(out); }, *boundary);
  auto fields = FormFields::read(reader);
  if (!fields) return std::move(fields).error();
  fields->set("bucket", form.bucket.options.bucket);
  auto policy = authorize(form, *fields);
  if (!policy) return std::move(policy).error();
  if (auto known = fields->check(); !known) return known;
  policy->max_bytes = std::min({policy->max_bytes, form.bucket.options.max_object_bytes, std::uint64_t{5} << 30});
  return store_file(form, *fields, *policy, reader, responder);
}

}  // namespace audiostore::local
