// A file descriptor and what the local store does with it.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <cstdint>

struct stat;

namespace audiostore {

struct FileStatus {
  bool is_regular = false;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970, as far as the file system keeps it

  friend bool operator==(const FileStatus&, const FileStatus&) = default;
};

FileStatus file_status(const struct stat& found) noexcept;

/// Of a time as the file system has it. Times before 1677 and after 2262, which anybody may give a file, become these.
std::int64_t nanoseconds_since_1970(std::int64_t seconds, std::int64_t nanoseconds) noexcept;

/// Owns one descriptor and closes it. Not for use by several threads at once.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) noexcept : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(other.release()) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Gives the descriptor away.
  int release() noexcept;

  // Errors of all of these: no_space, permission_denied, internal.
  [[nodiscard]] Result<FileStatus> status() const;
  [[nodiscard]] Result<void> write(ByteSpan bytes);  ///< all of them; also too_large
  [[nodiscard]] Result<void> set_modified(std::int64_t modified_ns);
  /// Writes everything through to the disk. After an error nothing that was written can be trusted any more: a second
  /// call may succeed although pages were lost, so drop the file.
  [[nodiscard]] Result<void> sync();
  [[nodiscard]] Result<void> close();

  /// Waits until no other handle holds the lock on this file or directory, across processes; released with the handle.
  /// Where the file system has no locks this does nothing.
  void lock() noexcept;
  /// The same without waiting: false if another handle holds the lock.
  [[nodiscard]] bool try_lock() noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace audiostore
