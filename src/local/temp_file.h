// A file that nobody else can see.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace audiostore::local {

/// A temporary file without a name: it is gone when this object goes, also after a crash. It lies in the directory for
/// temporary files (TMPDIR). Different ranges may be written and read from many threads at once.
class TempFile {
 public:
  /// Errors: no_space, permission_denied, internal.
  static Result<TempFile> create();

  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&& other) noexcept;
  ~TempFile();

  /// Errors: no_space, internal.
  [[nodiscard]] Result<void> write_at(std::uint64_t offset, ByteSpan bytes) const;
  /// Fills `out`. Errors: corrupt when the file ends before, internal.
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const;
  /// Gives the disk back what lies in the range, where the file system can.
  void discard(std::uint64_t offset, std::uint64_t length) const noexcept;

 private:
  explicit TempFile(int file) : file_(file) {}

  int file_;
};

}  // namespace audiostore::local
