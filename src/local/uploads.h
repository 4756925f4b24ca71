// The multipart uploads that have begun and not ended.
#pragma once

#include "core/checksums.h"
#include "local/staging_area.h"

#include <audiostore/bytes.h>
#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace audiostore::local {

/// What a client calls an upload by. Ids of one key are in the order in which the uploads began.
struct UploadName {
  std::string key;
  std::string id;
  friend bool operator<(const UploadName& a, const UploadName& b) {
    return std::tie(a.key, a.id) < std::tie(b.key, b.id);
  }
};

/// What an upload was begun with.
struct UploadPlan {
  ObjectKey key;
  PutOptions options;  ///< attributes, tags, storage class
  TimePoint begun;
  std::optional<ChecksumAlgorithm> checksum = {};  ///< that every part must have
};

struct StagedPart {
  std::shared_ptr<const StagedBytes> bytes;
  std::string etag;  ///< with quotes
  TimePoint stored;
  std::optional<StatedChecksum> checksum = {};  ///< that its upload was verified by
};

/// A part as CompleteMultipartUpload names it.
struct NamedPart {
  int number = 0;
  std::string etag;  ///< with or without quotes
  std::optional<StatedChecksum> checksum = {};
};

struct ListedPart {
  int number = 0;
  StagedPart part;
};

struct ListedUpload {
  UploadName name;
  TimePoint begun;
};

struct UploadLimits {
  std::uint64_t min_part_bytes;    ///< of every part but the last
  std::uint64_t max_object_bytes;  ///< of all parts together
  std::uint64_t max_staged_bytes;  ///< of all uploads together
};

/// Keeps uploads for as long as it lives. Thread-safe: parts of one upload may come in parallel; of two with the same
/// number, the one that was whole last counts. Completing and aborting one upload wait for each other, and who comes
/// second finds no such upload, as AWS documents it. All errors are S3's.
class Uploads {
 public:
  explicit Uploads(const UploadLimits& limits) : limits_(limits), area_(StagingArea::create(limits.max_staged_bytes)) {}

  /// Begins an upload; returns its id. Errors: SlowDown when 10,000 are open.
  Result<std::string> begin(UploadPlan plan);

  /// Errors: NoSuchUpload.
  [[nodiscard]] Result<void> expect(const UploadName& name) const;

  /// The checksum that every part must have. Errors: NoSuchUpload.
  [[nodiscard]] Result<std::optional<ChecksumAlgorithm>> checksum(const UploadName& name) const;

  /// Room for a part that is about to come. Errors: those of StagingArea::reserve.
  Result<std::unique_ptr<StagedBytes>> reserve(std::uint64_t bytes) { return area_->reserve(bytes); }

  /// Takes a whole part in. Errors: NoSuchUpload, also where the upload ended while the part was coming; InvalidRequest
  /// (not the checksum that the upload was begun with).
  Result<void> add(const UploadName& name, int number, StagedPart part);

  /// Stores an object of these bytes.
  using Publish = std::function<Result<PutResult>(const UploadPlan&, const Payload&)>;

  /// Publishes the parts and ends the upload. Where it fails, the upload is as it was before.
  /// Errors: NoSuchUpload, InvalidPartOrder, InvalidPart, EntityTooSmall, EntityTooLarge, those of `publish`.
  Result<PutResult> complete(const UploadName& name, const std::vector<NamedPart>& parts, const Publish& publish);

  /// Ends the upload and drops its parts. Errors: NoSuchUpload.
  Result<void> abort(const UploadName& name);

  /// At most `count` parts with numbers above `after`, in order. Errors: NoSuchUpload.
  [[nodiscard]] Result<std::vector<ListedPart>> parts(const UploadName& name, int after, std::size_t count) const;

  /// The first upload behind `name` in the order of names.
  [[nodiscard]] std::optional<ListedUpload> next(const UploadName& name) const;

  [[nodiscard]] std::uint64_t staged_bytes() const { return area_->used(); }

 private:
  struct Upload {
    explicit Upload(UploadPlan p) : plan(std::move(p)) {}
    const UploadPlan plan;
    std::mutex ending;                // held by who completes or aborts
    std::map<int, StagedPart> parts;  // guarded by Uploads::mutex_
  };

  [[nodiscard]] Result<std::shared_ptr<Upload>> find(const UploadName& name) const;
  Result<std::vector<std::shared_ptr<const PayloadSource>>> pick(const Upload& upload,
                                                                 const std::vector<NamedPart>& parts) const;

  const UploadLimits limits_;
  const std::shared_ptr<StagingArea> area_;
  mutable std::mutex mutex_;
  std::map<UploadName, std::shared_ptr<Upload>> uploads_;
  std::uint64_t begun_ = 0;
};

}  // namespace audiostore::local
