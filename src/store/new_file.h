// A file that is being made and goes away again unless it is kept.
#pragma once

#include "store/file_handle.h"

#include <string>

namespace audiostore {

/// A file of our own, readable by its owner only, that no one else had before. Removed by the destructor unless keep()
/// was called, so that no failure leaves anything behind.
class NewFile {
 public:
  /// Errors: already_exists, not_found (the directory is gone), no_space, permission_denied, internal.
  static Result<NewFile> create(FileHandle directory, std::string name);
  NewFile(NewFile&&) noexcept = default;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  [[nodiscard]] FileHandle& file() noexcept { return file_; }
  [[nodiscard]] const FileHandle& file() const noexcept { return file_; }
  [[nodiscard]] FileHandle& directory() noexcept { return directory_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Ends the writing: through to the disk, then closed. Errors: no_space, internal; the file must then be dropped.
  [[nodiscard]] Result<void> finish();
  void keep() noexcept { kept_ = true; }
  /// Whether it is still there under its name: others may have swept it up.
  [[nodiscard]] bool is_there() const noexcept;

 private:
  NewFile(FileHandle directory, std::string name, FileHandle file);

  FileHandle directory_;  // not open in what was moved from
  std::string name_;
  FileHandle file_;
  bool kept_ = false;
};

}  // namespace audiostore
