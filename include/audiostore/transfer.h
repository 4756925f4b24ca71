// How large objects are moved in parts, and how an upload is taken up again.
#pragma once

#include <audiostore/error.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// When and how objects go up in parts (S3's multipart upload).
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
struct TransferOptions {
  /// Larger objects go up in parts, in bytes: at most 5 GiB, S3's limit for one request.
  std::uint64_t multipart_threshold = std::uint64_t{16} << 20;
  /// Of all parts but the last, in bytes: 5 MiB to 5 GiB. Grows by itself where 10,000 parts would not be enough, but
  /// not for writer(), which cannot know: there, an object can have 10,000 times this size, and what is no longer than
  /// one part goes up in one request. A copy above 5 GiB has parts of 128 MiB at least.
  std::uint64_t part_size = std::uint64_t{8} << 20;
  /// Parts of one object that are on their way at the same time, each with a thread and a connection: 1 to 64. A put
  /// needs no memory for them, a writer part_size for each and for the one that is being filled.
  int parts_in_flight = 4;
};

/// A part that the service has.
struct UploadedPart {
  int number = 0;      ///< 1 to 10,000
  std::string etag;    ///< opaque, with its quotes
  std::string sha256;  ///< of its bytes, in lower-case hex; empty where nobody asked for it

  friend bool operator==(const UploadedPart&, const UploadedPart&) = default;
};

/// How far an upload in parts is: all that is needed to go on after a restart. Holds no secret.
struct UploadCheckpoint {
  std::string upload_id = {};
  std::string mark = {};        ///< by which the finished object is known as this upload's
  std::uint64_t size = 0;       ///< of the whole object, in bytes; 0 where a writer does not know it yet
  std::uint64_t part_size = 0;  ///< of all parts but the last, in bytes
  std::vector<UploadedPart> parts = {};

  /// Lines of text for a journal, each ended by '\n': "audiostore-upload 1", "id ID", "mark MARK", "size BYTES",
  /// "part-size BYTES", and for each part, in the order of their numbers, "part NUMBER SHA256 ETAG" ("-" for no
  /// SHA256).
  [[nodiscard]] std::string to_string() const;
  /// The inverse of to_string(). Errors: invalid_argument for anything else, a text that was cut off among it.
  static Result<UploadCheckpoint> parse(std::string_view text);

  friend bool operator==(const UploadCheckpoint&, const UploadCheckpoint&) = default;
};

/// Called on the thread that made the call: when the upload has begun, before its first part is sent, and whenever more
/// parts are there. Of a writer: in the first write() or finish() after that. A throw ends the call with
/// ErrorCode::internal.
using CheckpointCallback = std::function<void(const UploadCheckpoint&)>;

}  // namespace audiostore
