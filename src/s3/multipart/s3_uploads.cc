#include <audiostore/s3_uploads.h>

#include "core/call_guard.h"
#include "core/named_call.h"
#include "s3/encryption.h"
#include "s3/multipart/completion.h"
#include "s3/multipart/multipart_upload.h"
#include "s3/multipart/part_plan.h"
#include "s3/multipart/upload_requests.h"
#include "s3/s3_client.h"
#include "s3/write_headers.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace audiostore {
namespace {

Error invalid(std::string_view message) { return Error(ErrorCode::invalid_argument, message); }

Result<void> check_upload(const UploadCheckpoint& upload) {
  if (upload.upload_id.empty() || upload.size == 0 || upload.size > max_object_bytes || upload.part_size == 0 ||
      upload.part_size > max_part_bytes || (upload.size - 1) / upload.part_size >= max_parts) {
    return invalid("the upload is not as begin() gave it: keep what it returned, and give it back");
  }
  return {};
}

Error not_as_planned(const std::string& what) {
  return Error(ErrorCode::precondition_failed, what + "; send what is missing or wrong, and complete again");
}

/// Part `number` of the plan against what the service has in its place.
Result<void> check_part(const UploadCheckpoint& upload, int number, const StoredPart& part) {
  if (part.number > number) {
    return not_as_planned(fmt::format("part {} of {} is not there", number, part_count(upload)));
  }
  const std::uint64_t planned = part_slice(number, upload.size, upload.part_size).length;
  if (part.size == planned) return {};
  return not_as_planned(fmt::format("part {} has {} bytes, and is to have {}", number, part.size, planned));
}

/// Holds the parts that the service has, in the order of their numbers, against the plan.
Result<void> check_parts(const UploadCheckpoint& upload, const std::vector<StoredPart>& there) {
  int number = 0;
  for (const StoredPart& part : there) {
    if (++number > part_count(upload)) {
      return not_as_planned(fmt::format("part {} is one more than the {} of the upload", part.number, number - 1));
    }
    if (auto right = check_part(upload, number, part); !right) return right;
  }
  if (number == part_count(upload)) return {};
  return not_as_planned(fmt::format("part {} of {} is not there", number + 1, part_count(upload)));
}

/// What the caller says of parts has to agree with what the service has.
Result<void> check_etags(const UploadCheckpoint& upload, const std::vector<StoredPart>& there) {
  for (const UploadedPart& said : upload.parts) {
    const auto same = [&](const StoredPart& part) { return part.number == said.number && part.etag == said.etag; };
    if (std::ranges::none_of(there, same)) {
      return not_as_planned(fmt::format("part {} is not the one whose ETag was given", said.number));
    }
  }
  return {};
}

/// `upload` with all its parts, as they are at the service.
Result<UploadCheckpoint> with_parts(const UploadCheckpoint& upload, const std::vector<StoredPart>& there) {
  return check_parts(upload, there).and_then([&] { return check_etags(upload, there); }).transform([&] {
    UploadCheckpoint whole = upload;
    whole.parts.clear();
    std::ranges::transform(there, std::back_inserter(whole.parts), [](const StoredPart& part) {
      return UploadedPart{part.number, part.etag, {}};
    });
    return whole;
  });
}

Result<PutResult> complete_as_planned(S3Client& client, const ObjectKey& key, const UploadCheckpoint& upload,
                                      const PutOptions& options) {
  const CallGuard guard(options.call);
  const auto there = UploadRequests(client).parts({key, upload.upload_id}, guard.remaining());
  if (!there) {
    if (there.error().code() != ErrorCode::not_found) return there.error();
    if (auto became = find_completed(client, key, upload, guard.remaining())) return *std::move(became);
    return there.error();
  }
  return with_parts(upload, *there).and_then([&](const UploadCheckpoint& whole) {
    return complete_upload(client, {key, upload.upload_id}, whole, write_condition_headers(options, client.profile()),
                           guard.remaining());
  });
}

}  // namespace

Result<UploadCheckpoint> S3Uploads::begin(const ObjectKey& key, std::uint64_t size, const BeginUploadOptions& options) {
  return named_call("begin_upload", key.str(), options.call, [&]() -> Result<UploadCheckpoint> {
    if (size == 0) return invalid("an upload in parts cannot be of 0 bytes; put() the empty object");
    const PutOptions description{
        .attributes = options.attributes, .tags = options.tags, .storage_class = options.storage_class};
    if (auto valid = check_put(description, {capabilities_, client_->profile().name}); !valid) {
      return std::move(valid).error();
    }
    if (auto shown = check_shareable(client_->encryption()); !shown) return std::move(shown).error();
    return begin_upload(*client_, key, description_headers(description), size, transfer_->part_size, options.call);
  });
}

Result<std::vector<StoredPart>> S3Uploads::parts(const ObjectKey& key, const std::string& upload_id,
                                                 const CallOptions& call) {
  return named_call("upload_parts", key.str(), call, [&]() -> Result<std::vector<StoredPart>> {
    if (upload_id.empty()) return invalid("upload_id must be that of an upload that was begun");
    return UploadRequests(*client_).parts({key, upload_id}, call);
  });
}

Result<PutResult> S3Uploads::complete(const ObjectKey& key, const UploadCheckpoint& upload,
                                      const CompleteUploadOptions& options) {
  return named_call("complete_upload", key.str(), options.call, [&]() -> Result<PutResult> {
    const PutOptions put{.mode = options.mode, .if_match = options.if_match, .call = options.call};
    if (auto valid = check_put(put, {capabilities_, client_->profile().name}); !valid) return std::move(valid).error();
    if (auto valid = check_upload(upload); !valid) return std::move(valid).error();
    if (is_conditional(put) && !client_->profile().conditional_complete) {
      return unsupported(client_->profile().name, "conditions on an object in parts");
    }
    return complete_as_planned(*client_, key, upload, put).transform_error([&](Error error) {
      return put_error(std::move(error), put);
    });
  });
}

}  // namespace audiostore
