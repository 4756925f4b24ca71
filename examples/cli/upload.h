// One file on its way into the bucket, resumable.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/object_store.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cli {

/// A file that may go up, as what and whereto.
struct Upload {
  std::filesystem::path file;
  audiostore::ObjectKey key;
  audiostore::Payload payload;
  audiostore::ObjectAttributes attributes;
};

struct UploadSettings {
  std::string service;  ///< as of UploadIdentity
  std::string bucket;
  std::optional<std::filesystem::path> checkpoints;  ///< absent: nothing is resumable
  audiostore::PutMode mode = audiostore::PutMode::overwrite;
  bool restart = false;  ///< forget what is stored of an earlier attempt
};

/// What became of an Upload.
struct UploadOutcome {
  audiostore::Result<audiostore::PutResult> result;
  std::uint64_t resumed_from = 0;  ///< bytes that an earlier attempt had stored, and that were not sent again
  std::uint64_t resumable = 0;     ///< bytes that are stored for the next attempt, after a failure
};

/// Goes on where the last attempt with the same file and key ended, if there was one.
UploadOutcome run_upload(audiostore::ObjectStore& store, const Upload& upload, const UploadSettings& settings,
                         const audiostore::CallOptions& call);

}  // namespace cli
