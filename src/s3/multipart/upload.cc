#include "s3/multipart/upload.h"

#include "core/call_guard.h"
#include "s3/multipart/multipart_upload.h"
#include "s3/multipart/part_plan.h"
#include "s3/object_headers.h"
#include "s3/write_headers.h"
#include "s3/xml.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace audiostore {
namespace {

Result<PutResult> put_whole(S3Client& client, const UploadSettings& settings, const ObjectKey& key,
                            const Payload& payload, const PutOptions& options) {
  const CallGuard guard(options.call);
  const auto proof = settings.integrity.prove(payload, guard);
  if (!proof) return proof.error();
  S3Request request{.method = "PUT",
                    .key = key,
                    .headers = description_headers(options),
                    .body = payload,
                    .payload_hash = proof->payload_hash};
  std::ranges::move(write_condition_headers(options, client.profile()), std::back_inserter(request.headers));
  settings.integrity.store_sha256(request.headers, proof->sha256);
  request.headers.insert(request.headers.end(), proof->headers.begin(), proof->headers.end());
  const auto reply = client.exchange(request, guard.remaining(), max_small_reply_bytes);
  if (!reply) return reply.error();
  return etag_of(reply->response).transform([](std::string etag) { return PutResult{std::move(etag)}; });
}

/// What is said of an object that goes up in parts.
Result<Headers> object_headers(const UploadSettings& settings, const Payload& payload, const PutOptions& options,
                               const CallGuard& guard) {
  Headers headers = description_headers(options);
  settings.integrity.announce_parts(headers);
  if (!settings.integrity.always_stores_sha256()) return headers;
  return settings.integrity.prove(payload, guard).transform([&](const BodyProof& proof) {
    settings.integrity.store_sha256(headers, proof.sha256);
    return std::move(headers);
  });
}

/// How the parts of one payload get to the service. For many threads.
class PayloadParts {
 public:
  PayloadParts(S3Client& client, const UploadIntegrity& integrity, const Payload& payload, bool wants_sha256)
      : requests_(client), integrity_(integrity), payload_(payload), wants_sha256_(wants_sha256) {}

  Result<UploadedPart> bring(const UploadTarget& upload, int number, ByteRange::Slice slice, const CallOptions& call) {
    const CallGuard guard(call);
    const Payload bytes = payload_.slice(slice.offset, slice.length);
    auto proof = integrity_.prove_part(bytes, wants_sha256_, guard);
    if (!proof) return std::move(proof).error();
    return requests_.send(upload, number, bytes, *proof, guard.remaining()).transform([&](std::string etag) {
      return UploadedPart{number, std::move(etag), std::move(proof->sha256)};
    });
  }

  Result<bool> is_unchanged(const UploadedPart& part, ByteRange::Slice slice, const CallOptions& call) const {
    return integrity_.prove_part(payload_.slice(slice.offset, slice.length), true, CallGuard(call))
        .transform([&](const BodyProof& proof) { return proof.sha256 == part.sha256; });
  }

 private:
  UploadRequests requests_;
  const UploadIntegrity& integrity_;
  const Payload& payload_;
  const bool wants_sha256_;
};

Result<PutResult> put_in_parts(S3Client& client, const UploadSettings& settings, const ObjectKey& key,
                               const Payload& payload, const PutOptions& options) {
  const CallGuard guard(options.call);
  auto headers = object_headers(settings, payload, options, guard);
  if (!headers) return std::move(headers).error();
  PayloadParts parts(client, settings.integrity, payload, static_cast<bool>(options.on_checkpoint));
  const MultipartJob job{
      .key = key,
      .size = payload.size(),
      .headers = *std::move(headers),
      .conditions = write_condition_headers(options, client.profile()),
      .bring = [&](const UploadTarget& upload, int number, ByteRange::Slice slice,
                   const CallOptions& call) { return parts.bring(upload, number, slice, call); },
      .on_checkpoint = options.on_checkpoint,
      .resume_from = options.resume_from,
      .is_unchanged = [&](const UploadedPart& part, ByteRange::Slice slice,
                          const CallOptions& call) { return parts.is_unchanged(part, slice, call); }};
  const CallOptions rest = guard.remaining();
  return put_together(client, settings.transfer, job, rest);
}

/// A checkpoint of a writer's, made while nobody knew how long it would get, has the size 0.
Result<void> check_resumed(const UploadCheckpoint& checkpoint, const Payload& payload) {
  const auto refuse = [](const std::string& why) {
    return Error(ErrorCode::invalid_argument, "the checkpoint cannot be resumed: " + why);
  };
  if (checkpoint.size != 0 && checkpoint.size != payload.size()) {
    return refuse(fmt::format("it is of {} bytes, the payload has {}", checkpoint.size, payload.size()));
  }
  if (checkpoint.upload_id.empty() || checkpoint.part_size == 0 || checkpoint.part_size > max_part_bytes ||
      payload.size() > checkpoint.part_size * max_parts) {
    return refuse("it names no upload that can be, or one whose parts are too small for the payload");
  }
  const int parts = part_count(payload.size(), checkpoint.part_size);
  int last = 0;
  for (const UploadedPart& part : checkpoint.parts) {
    if (part.number <= last || part.number > parts) return refuse("its parts are not in order, or are too many");
    last = part.number;
  }
  return {};
}

}  // namespace

Result<PutResult> upload(S3Client& client, const UploadSettings& settings, const ObjectKey& key, const Payload& payload,
                         const PutOptions& options) {
  const ProviderProfile& profile = client.profile();
  const auto in_words_of_put = [&](Error error) { return put_error(std::move(error), options); };
  // Where a condition is honoured on a PUT only, one request carries what it can.
  const bool in_one = is_conditional(options) && !profile.conditional_complete;
  if (options.resume_from) {
    if (in_one) return unsupported(profile.name, "conditions on an object in parts");
    if (auto fits = check_resumed(*options.resume_from, payload); !fits) return std::move(fits).error();
    return put_in_parts(client, settings, key, payload, options).transform_error(in_words_of_put);
  }
  if (payload.size() <= (in_one ? max_single_put : settings.transfer.multipart_threshold)) {
    return put_whole(client, settings, key, payload, options).transform_error(in_words_of_put);
  }
  if (in_one) return unsupported(profile.name, "conditions on a put of more than 5 GiB");
  return put_in_parts(client, settings, key, payload, options).transform_error(in_words_of_put);
}

}  // namespace audiostore
