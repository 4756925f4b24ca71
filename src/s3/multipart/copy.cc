#include "s3/multipart/copy.h"

#include "core/call_guard.h"
#include "s3/multipart/multipart_upload.h"
#include "s3/multipart/part_plan.h"
#include "s3/object_headers.h"
#include "s3/tagging.h"
#include "s3/write_headers.h"
#include "s3/xml.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

/// As copy_whole(), where the service drops the tags of what gets new attributes: they are set anew behind it, so that
/// for a moment the copy has none.
Result<PutResult> copy_with_tags(S3Client& client, const ObjectKey& from, const ObjectKey& to,
                                 const CopyOptions& options) {
  const CallGuard guard(options.call);
  const auto tags = read_tags(client, from, guard.remaining());
  if (!tags) return tags.error();
  CopyOptions rest = options;
  rest.call = guard.remaining();
  auto copied = copy_whole(client, from, to, rest);
  if (!copied || tags->empty()) return copied;
  return replace_tags(client, to, *tags, guard.remaining()).transform([&] { return *std::move(copied); });
}

/// S3 says InvalidRequest to a source that is too large for one request.
bool may_be_too_large(const Error& error) {
  if (error.http_status() == 0) return false;  // nobody but us has refused it
  return error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::too_large;
}

/// What a copy in one request would take along, and ObjectInfo does not have.
Headers unseen_headers(const HttpResponse& reply) {
  Headers headers;
  for (const std::string_view name : {std::string_view("Content-Encoding"), std::string_view("Content-Language"),
                                      std::string_view("Expires"), sha256_header}) {
    if (const auto value = find_header(reply.headers, name))
      headers.push_back({std::string(name), std::string(*value)});
  }
  return headers;
}

struct Source {
  ObjectInfo info;
  Headers unseen;
};

Result<Source> look_at(S3Client& client, const ObjectKey& key, std::string if_match, const CallOptions& call) {
  const S3Request request{
      .method = "HEAD", .key = key, .headers = condition_headers({.if_match = std::move(if_match)})};
  return client.exchange(request, call, max_small_reply_bytes).and_then([&](const S3Reply& reply) {
    return object_info(reply.response, key.str(), std::nullopt).transform([&](ObjectInfo info) {
      return Source{std::move(info), unseen_headers(reply.response)};
    });
  });
}

Error replaced() { return Error(ErrorCode::conflict, "the source was replaced while it was copied; copy again"); }

/// Pins the parts to the source's ETag, where the service can.
class PartCopies {
 public:
  PartCopies(S3Client& client, const ObjectInfo& source, const ObjectKey& from)
      : client_(client), source_{from, client.profile().conditional_copy ? source.etag : ""}, etag_(source.etag) {}

  Result<UploadedPart> bring(const UploadTarget& upload, int number, ByteRange::Slice slice, const CallOptions& call) {
    auto etag = UploadRequests(client_).copy(upload, number, source_, slice, call);
    if (etag) return UploadedPart{number, *std::move(etag), {}};
    return etag.error().code() == ErrorCode::precondition_failed ? replaced() : std::move(etag).error();
  }

  Result<void> check_source(const CallOptions& call) const {
    if (!source_.etag.empty()) return {};
    return look_at(client_, source_.key, "", call).and_then([&](const Source& now) {
      return now.info.etag == etag_ ? Result<void>() : replaced();
    });
  }

 private:
  S3Client& client_;
  const CopySource source_;
  const std::string etag_;
};

Result<PutResult> copy_in_parts(S3Client& client, const TransferOptions& transfer, const ObjectKey& from,
                                const ObjectKey& to, const Source& source, const CopyOptions& options) {
  const CallGuard guard(options.call);
  auto tags = client.profile().tagging ? read_tags(client, from, guard.remaining()) : Tags();
  if (!tags) return std::move(tags).error();
  const PutOptions description{.attributes = options.attributes.value_or(source.info.attributes),
                               .tags = *std::move(tags),
                               .storage_class = options.storage_class};
  Headers headers = description_headers(description);
  if (!options.attributes) headers.insert(headers.end(), source.unseen.begin(), source.unseen.end());
  PartCopies parts(client, source.info, from);
  const MultipartJob job{.key = to,
                         .size = source.info.size,
                         .headers = std::move(headers),
                         .bring = [&](const UploadTarget& upload, int number, ByteRange::Slice slice,
                                      const CallOptions& call) { return parts.bring(upload, number, slice, call); },
                         .before_end = [&](const CallOptions& call) { return parts.check_source(call); }};
  const CallOptions rest = guard.remaining();
  return put_together(client, transfer, job, rest);
}

}  // namespace

TransferOptions for_copies(TransferOptions transfer) {
  constexpr std::uint64_t large = std::uint64_t{128} << 20;
  transfer.part_size = std::max(transfer.part_size, large);
  return transfer;
}

Result<PutResult> copy_object(S3Client& client, const TransferOptions& transfer, std::uint64_t single,
                              const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) {
  const CallGuard guard(options.call);
  const bool keeps_tags = !options.attributes || !client.profile().copy_drops_tags;
  auto copied = keeps_tags ? copy_whole(client, from, to, options) : copy_with_tags(client, from, to, options);
  if (copied || !may_be_too_large(copied.error())) return copied;
  const auto source = look_at(client, from, options.source_if_match, guard.remaining());
  if (!source && source.error().code() == ErrorCode::precondition_failed) return source.error();
  if (!source || source->info.size <= single) return copied;
  if (!client.profile().multipart_copy) {
    return unsupported(client.profile().name, fmt::format("copies of more than {} bytes", single));
  }
  CopyOptions rest = options;
  rest.call = guard.remaining();
  return copy_in_parts(client, transfer, from, to, *source, rest);
}

}  // namespace audiostore
