#include "s3/multipart/upload_requests.h"

#include "core/call_guard.h"
#include "core/crypto.h"
#include "core/let_finish.h"
#include "core/text.h"
#include "s3/encryption.h"
#include "s3/object_headers.h"
#include "s3/xml.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace audiostore {
namespace {

std::vector<sigv4::QueryParameter> part_query(const UploadTarget& upload, int number) {
  return {{"partNumber", std::to_string(number)}, {"uploadId", upload.id}};
}

/// A listing that does not get on would go on for ever.
Error endless() { return Error(ErrorCode::corrupt, "the listing is not to be trusted: the same marker came again"); }

}  // namespace

std::string copy_source_path(const S3Client& client, const ObjectKey& key) {
  return "/" + client.endpoint().bucket() + "/" + uri_encode(key.str(), UriPart::path);
}

Result<std::string> UploadRequests::begin(const ObjectKey& key, const Headers& headers, const CallOptions& call) {
  constexpr std::chrono::milliseconds grace(300);
  constexpr std::chrono::seconds patience(10);  // with the abort of what is not encrypted as it should be
  S3Request request{.method = "POST", .key = key, .query = {{"uploads", ""}}, .headers = headers};
  request.idempotent = true;
  CallOptions limits = call;
  if (limits.deadline > std::chrono::milliseconds::zero()) limits.deadline += grace;
  return let_finish(call.stop, grace, [&](const std::stop_token& stop) {
    limits.stop = stop;
    const CallGuard guard(limits);
    return client_.exchange(request, limits, max_small_reply_bytes).and_then([&](const S3Reply& reply) {
      return parse_begun_upload(reply.body).and_then([&](std::string id) -> Result<std::string> {
        auto kept = confirm_encryption(client_.encryption(), request, reply.response);
        if (kept) return id;
        CallOptions rest = guard.remaining();
        if (rest.deadline <= std::chrono::milliseconds::zero()) rest.deadline = patience;
        static_cast<void>(abort({key, std::move(id)}, rest));
        return std::move(kept).error().with_attempts(1);
      });
    });
  });
}

Result<std::string> UploadRequests::send(const UploadTarget& upload, int number, const Payload& bytes,
                                         const BodyProof& proof, const CallOptions& call) {
  const S3Request request{.method = "PUT",
                          .key = upload.key,
                          .query = part_query(upload, number),
                          .headers = proof.headers,
                          .body = bytes,
                          .payload_hash = proof.payload_hash};
  return client_.exchange(request, call, max_small_reply_bytes).and_then([](const S3Reply& reply) {
    return etag_of(reply.response);
  });
}

Result<std::string> UploadRequests::copy(const UploadTarget& upload, int number, const CopySource& source,
                                         ByteRange::Slice slice, const CallOptions& call) {
  S3Request request{.method = "PUT", .key = upload.key, .query = part_query(upload, number)};
  request.headers = {
      {"x-amz-copy-source", copy_source_path(client_, source.key)},
      {"x-amz-copy-source-range", fmt::format("bytes={}-{}", slice.offset, slice.offset + slice.length - 1)}};
  if (!source.etag.empty()) request.headers.push_back({"x-amz-copy-source-if-match", source.etag});
  return client_.exchange(request, call, max_small_reply_bytes).and_then([](const S3Reply& reply) {
    return parse_copied_part(reply.body);
  });
}

Result<std::string> UploadRequests::complete(const UploadTarget& upload, std::span<const UploadedPart> parts,
                                             const Headers& conditions, const CallOptions& call) {
  std::string body = write_complete_request(parts);
  S3Request request{.method = "POST", .key = upload.key, .query = {{"uploadId", upload.id}}};
  request.idempotent = true;  // one that took effect says NoSuchUpload, or the same again
  request.headers = conditions;
  request.headers.push_back({"Content-Type", "application/xml"});
  request.payload_hash = to_hex(sha256(body));
  request.body = Payload::from_string(std::move(body));
  return client_.exchange(request, call, max_small_reply_bytes).and_then([](const S3Reply& reply) {
    return parse_completed_upload(reply.body);
  });
}

Result<void> UploadRequests::abort(const UploadTarget& upload, const CallOptions& call) {
  const S3Request request{.method = "DELETE", .key = upload.key, .query = {{"uploadId", upload.id}}};
  const auto reply = client_.exchange(request, call, max_small_reply_bytes);
  if (reply || (reply.error().http_status() == 404 && reply.error().service_code() != "NoSuchBucket")) return {};
  return reply.error();
}

Result<std::vector<StoredPart>> UploadRequests::parts(const UploadTarget& upload, const CallOptions& call) {
  const CallGuard guard(call);
  std::vector<StoredPart> all;
  for (int marker = 0;;) {
    S3Request request{.method = "GET", .key = upload.key, .query = {{"uploadId", upload.id}}};
    if (marker > 0) request.query.emplace_back("part-number-marker", std::to_string(marker));
    const auto reply = client_.exchange(request, guard.remaining(), max_listing_bytes);
    if (!reply) return reply.error();
    auto page = parse_parts_page(reply->body);
    if (!page) return std::move(page).error();
    all.insert(all.end(), page->parts.begin(), page->parts.end());
    if (page->next_marker == 0) return all;
    if (page->next_marker <= marker) return endless();
    marker = page->next_marker;
  }
}

Result<std::vector<UnfinishedUpload>> UploadRequests::uploads(const std::string& prefix, const CallOptions& call) {
  const CallGuard guard(call);
  std::vector<UnfinishedUpload> all;
  std::set<std::pair<std::string, std::string>> markers;
  for (UploadsPage at;;) {
    S3Request request{.method = "GET", .query = {{"uploads", ""}, {"encoding-type", "url"}}};
    if (!prefix.empty()) request.query.emplace_back("prefix", prefix);
    if (!at.next_key.empty()) request.query.emplace_back("key-marker", at.next_key);
    if (!at.next_id.empty()) request.query.emplace_back("upload-id-marker", at.next_id);
    const auto reply = client_.exchange(request, guard.remaining(), max_listing_bytes);
    if (!reply) return reply.error();
    auto page = parse_uploads_page(reply->body, client_.profile().uploads_encoded_unsaid);
    if (!page) return std::move(page).error();
    for (UnfinishedUpload& upload : page->uploads) {
      if (!upload.key.starts_with(prefix)) {
        return Error(ErrorCode::corrupt, "the listing is not to be trusted: a key lies outside of the prefix");
      }
      all.push_back(std::move(upload));
    }
    if (page->next_key.empty()) return all;
    if (!markers.emplace(page->next_key, page->next_id).second) return endless();
    at = *std::move(page);
  }
}

}  // namespace audiostore
