// A file of the caller's that is there whole or not at all.
#pragma once

#include "store/new_file.h"

#include <audiostore/bytes.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace audiostore {

/// Bytes on their way into the file at some path. They lie in a file of a random name beside it, which only its owner
/// can read, until publish() gives that one the name; if this does not come to pass, the destructor removes it, and
/// what was under the name stays. A symbolic link under the name is replaced, not followed. Errors besides those named:
/// permission_denied, no_space, internal.
class TargetFile {
 public:
  /// Errors: invalid_argument (the path names no file, or one in a directory that is not there).
  static Result<TargetFile> create(const std::filesystem::path& path);

  /// To be called from any thread. Errors: also too_large.
  [[nodiscard]] Result<void> write_at(std::uint64_t offset, ByteSpan bytes) const;

  /// The first `size` bytes, to be read back while others are still being written.
  [[nodiscard]] Result<Payload> contents(std::uint64_t size) const;

  /// Cuts the file to `size` bytes, writes it through to the disk, and gives it its name in one step.
  [[nodiscard]] Result<void> publish(std::uint64_t size);

 private:
  TargetFile(NewFile file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  NewFile file_;
  std::string name_;
};

}  // namespace audiostore
