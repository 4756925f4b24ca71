// A directory and what is below it, as the local store uses it: nothing leads out of it, and what is changed is on the
// disk before a call returns.
#pragma once

#include "store/file_handle.h"
#include "store/new_file.h"

#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

namespace audiostore {

struct DirectoryEntry {
  enum class Kind { file, directory, other };
  std::string name;
  Kind kind;
};

/// Paths are relative to the root, with '/' between names and "" for the root itself. No symbolic link below the root
/// is followed, whatever happens to the tree meanwhile. Thread-safe; several processes may work on one tree. Errors of
/// all functions besides those named: permission_denied, no_space, internal.
class DirectoryTree {
 public:
  /// Opens the tree at `root`, which is created where it is missing; only `root` itself may be a symbolic link.
  /// Errors: invalid_argument (not a directory).
  static Result<DirectoryTree> open(const std::filesystem::path& root);
  DirectoryTree(DirectoryTree&&) noexcept;
  ~DirectoryTree();

  /// Opens a regular file for reading. Errors: not_found, also for links, devices, pipes and directories.
  [[nodiscard]] Result<FileHandle> open_file(const std::string& path) const;
  /// Looks at a regular file that need not be readable. The same errors.
  [[nodiscard]] Result<FileStatus> status(const std::string& path) const;

  /// What is in a directory, in no order; nothing where there is no such directory.
  [[nodiscard]] Result<std::vector<DirectoryEntry>> entries(const std::string& directory) const;

  /// Begins a file in `directory`, which is created where it is missing. Errors: already_exists.
  [[nodiscard]] Result<NewFile> create_file(const std::string& directory, const std::string& name) const;

  enum class Existing { replace, keep };
  /// Gives a finished file the name `path` in one step. Directories on the way are created. Readers see the new file at
  /// once, but only sync_directories() makes that last. Errors: already_exists (Existing::keep), conflict.
  [[nodiscard]] Result<void> move_into_place(NewFile& file, const std::string& path, Existing existing) const;

  /// Makes the names in `directory` and on the way to it last through a loss of power.
  [[nodiscard]] Result<void> sync_directories(std::string directory) const;

  /// Removes a regular file for good; whatever else is there stays. Succeeds where there is none.
  [[nodiscard]] Result<void> remove_file(const std::string& path) const;

  /// Removes a file that nobody would miss, without seeing to it that it stays removed.
  void discard_file(const std::string& path) const noexcept;

  /// Removes `directory` and the ones above it as far as they are empty.
  void prune(std::string directory) const noexcept;

  /// The directory itself, e.g. to lock it. Errors: not_found.
  [[nodiscard]] Result<FileHandle> open_directory(const std::string& directory) const;

 private:
  class DurableDirectories;

  explicit DirectoryTree(FileHandle root);
  [[nodiscard]] Result<FileHandle> make_directory(const std::string& directory) const;

  FileHandle root_;
  std::unique_ptr<DurableDirectories> durable_;
  // Publishing shares it, pruning has it alone: else a busy pruner could take a directory away each time that it is
  // made. Other processes are met by trying again.
  std::unique_ptr<std::shared_mutex> pruning_ = std::make_unique<std::shared_mutex>();
};

/// The part of a path in front of its last '/'; "" where there is none.
std::string directory_of(const std::string& path);

}  // namespace audiostore
