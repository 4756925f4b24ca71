// Uploads in parts that a program begins and ends by hand, while somebody else sends the parts.
#pragma once

#include <audiostore/call_options.h>
#include <audiostore/error.h>
#include <audiostore/object_key.h>
#include <audiostore/object_store.h>
#include <audiostore/transfer.h>

#include <cstdint>
#include <string>
#include <vector>

namespace audiostore {

class S3Client;

struct BeginUploadOptions {
  ObjectAttributes attributes = {};
  Tags tags = {};                  ///< unsupported where the store has none
  std::string storage_class = {};  ///< "" for the store's default
  CallOptions call = {};
};

/// A part as the service lists it.
struct StoredPart {
  int number = 0;          ///< 1 to 10,000
  std::string etag;        ///< opaque, with its quotes
  std::uint64_t size = 0;  ///< in bytes

  friend bool operator==(const StoredPart&, const StoredPart&) = default;
};

struct CompleteUploadOptions {
  PutMode mode = PutMode::overwrite;  ///< as of put()
  std::string if_match = {};          ///< as of put()
  CallOptions call = {};
};

/// Large objects whose parts come from a browser or another machine without credentials: begin() the upload, hand out
/// S3Store::presign_part() URLs, complete() it when the sender says that all are there. ObjectStore::abort_upload()
/// drops one, ObjectStore::list_uploads() finds those that nobody ended.
///
/// The face of an S3Store, which must live longer. Thread-safe. Errors besides those named: as of every call of
/// ObjectStore. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
class S3Uploads {
 public:
  S3Uploads(S3Client& client, const TransferOptions& transfer, Capabilities capabilities)
      : client_(&client), transfer_(&transfer), capabilities_(capabilities) {}

  /// Begins an object of `size` bytes, and says in which parts it is to come: all of part_size but the last, by number
  /// from 1 (see part_count()). Keep the result: complete() needs it, and it outlives a restart
  /// (UploadCheckpoint::to_string()). Errors: invalid_argument (attributes, tags, a size of 0), too_large, unsupported
  /// (with SSE-C: senders would need the key).
  Result<UploadCheckpoint> begin(const ObjectKey& key, std::uint64_t size, const BeginUploadOptions& options = {});

  /// The parts that the service has, in the order of their numbers. Errors: not_found (no such upload: never begun,
  /// completed or aborted).
  Result<std::vector<StoredPart>> parts(const ObjectKey& key, const std::string& upload_id,
                                        const CallOptions& call = {});

  /// Asks the service which parts it has, holds them against the plan of begin(), and makes them the object. Nothing
  /// has to be taken from the sender; parts that stand in `upload` must have the ETags that they have there. An upload
  /// that has ended already, whose reply was lost, is known by its object: completing it again succeeds. Errors:
  /// precondition_failed (parts are missing, too many, of another size or ETag: the first is named; or if_match),
  /// already_exists (PutMode::create), not_found (no such upload), invalid_argument (not what begin() gave),
  /// unsupported (conditions, where the service keeps to none at the end of an upload).
  Result<PutResult> complete(const ObjectKey& key, const UploadCheckpoint& upload,
                             const CompleteUploadOptions& options = {});

 private:
  S3Client* client_;
  const TransferOptions* transfer_;
  Capabilities capabilities_;
};

/// How many parts an upload of `size` bytes has.
[[nodiscard]] constexpr int part_count(const UploadCheckpoint& upload) noexcept {
  return upload.part_size == 0 ? 0 : static_cast<int>((upload.size + upload.part_size - 1) / upload.part_size);
}

}  // namespace audiostore
