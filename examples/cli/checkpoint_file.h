// Where an upload in parts stands, kept on disk so that the same command can go on after Ctrl-C or a crash.
#pragma once

#include <audiostore/environment.h>
#include <audiostore/error.h>
#include <audiostore/transfer.h>

#include <filesystem>
#include <optional>
#include <string>

namespace cli {

/// What makes two uploads the same one.
struct UploadIdentity {
  std::string service;  ///< endpoint, or region where that is AWS's own
  std::string bucket;
  std::string key;
  std::filesystem::path file;  ///< absolute
};

/// $XDG_STATE_HOME/audiostore/uploads, or ~/.local/state/audiostore/uploads, made if it is missing, for its owner only.
/// Errors: invalid_argument (neither variable is set), permission_denied, internal.
audiostore::Result<std::filesystem::path> checkpoint_folder(
    const audiostore::EnvironmentLookup& lookup = audiostore::process_environment);

/// The checkpoint of one upload. A reader sees an old or a new one, whole. It holds no secret.
class CheckpointFile {
 public:
  CheckpointFile(const std::filesystem::path& folder, const UploadIdentity& identity);

  /// nullopt where there is none, or none that can be read: then the upload begins anew.
  [[nodiscard]] std::optional<audiostore::UploadCheckpoint> load() const;
  /// False where it could not be written.
  bool save(const audiostore::UploadCheckpoint& checkpoint) const;
  void remove() const;

 private:
  std::filesystem::path path_;
};

}  // namespace cli
