// Bytes that are too many for memory, kept in a file that nobody else can see.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <memory>

namespace audiostore::local {

/// A TempFile that is filled once and then read: it is gone when the last copy of its payload goes.
class SpoolFile {
 public:
  /// Errors: no_space, permission_denied, internal.
  static Result<SpoolFile> create();

  /// Errors: no_space, internal.
  Result<void> append(ByteSpan bytes);

  /// All that was appended. Ends the writing.
  Payload finish() &&;

 private:
  class Source;
  explicit SpoolFile(std::shared_ptr<Source> source) : source_(std::move(source)) {}

  std::shared_ptr<Source> source_;
};

}  // namespace audiostore::local
