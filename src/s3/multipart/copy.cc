#include "s3/multipart/copy.h"

#include "core/call_guard.h"
#include "s3/multipart/multipart_upload.h"
#include "s3/multipart/part_plan.h"
#include "s3/object_headers.h"
#include "s3/tagging.h"
#include "s3/write_headers.h"
#include "s3/xml.h"
#include "store/options_check.h"

#include <algorithm>
#include <iterator>

namespace audiostore {
namespace {

Result<PutResult> copy_whole(S3Client& client, const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) {
  S3Request request{.method = "PUT", .key = to};
  request.headers = {{"x-amz-copy-source", copy_source_path(client, from)},
                     {"x-amz-metadata-directive", options.attributes ? "REPLACE" : "COPY"}};
  if (options.attributes)
    std::ranges::move(attribute_headers(*options.attributes), std::back_inserter(request.headers));
  if (!options.source_if_match.empty()) {
    request.headers.push_back({"x-amz-copy-source-if-match", options.source_if_match});
  }
  if (!options.storage_class.empty()) request.headers.push_back({"x-amz-storage-class", options.storage_class});
  const auto reply = client.exchange(request, options.call, max_small_reply_bytes);
  if (!reply) return reply.error();
  return parse_copy_result(reply->body).transform([](std::string etag) { return PutResult{std::move(etag)}; });
}

/// S3 says InvalidRequest to a source that is too large for one request.
bool may_be_too_large(const Error& error) {
  return error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::too_large;
}

Result<PutResult> copy_in_parts(S3Client& client, const TransferOptions& transfer, const ObjectKey& from,
                                const ObjectKey& to, const ObjectInfo& source, const CopyOptions& options) {
  const ProviderProfile& profile = client.profile();
  if (!profile.multipart_copy) return unsupported(profile.name, "copies of more than 5 GiB");
  const CallGuard guard(options.call);
  auto tags = profile.tagging ? read_tags(client, from, guard.remaining()) : Tags();
  if (!tags) return std::move(tags).error();
  const PutOptions description{.attributes = options.attributes.value_or(source.attributes),
                               .tags = *std::move(tags),
                               .storage_class = options.storage_class};
  const CopySource pinned{from, profile.conditional_copy ? source.etag : ""};
  const MultipartJob job{
      .key = to,
      .size = source.size,
      .headers = description_headers(description),
      .bring = [&](const UploadTarget& upload, int number, ByteRange::Slice slice, const CallOptions& call) {
        return UploadRequests(client).copy(upload, number, pinned, slice, call).transform([&](std::string etag) {
          return UploadedPart{number, std::move(etag), {}};
        });
      }};
  return put_together(client, transfer, job, guard.remaining());
}

}  // namespace

Result<PutResult> copy_object(S3Client& client, const TransferOptions& transfer, std::uint64_t single,
                              const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) {
  const CallGuard guard(options.call);
  auto copied = copy_whole(client, from, to, options);
  if (copied || !may_be_too_large(copied.error())) return copied;
  const auto head = client.exchange({.method = "HEAD", .key = from}, guard.remaining(), max_small_reply_bytes);
  const auto source = head ? object_info(head->response, from.str(), std::nullopt) : head.error();
  if (!source || source->size <= single) return copied;
  if (!options.source_if_match.empty() && options.source_if_match != source->etag) {
    return Error(ErrorCode::precondition_failed, "the source has another ETag than source_if_match");
  }
  CopyOptions rest = options;
  rest.call = guard.remaining();
  return copy_in_parts(client, transfer, from, to, *source, rest);
}

}  // namespace audiostore
