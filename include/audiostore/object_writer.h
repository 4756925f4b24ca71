// An object whose bytes come while they are being made.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <cstdint>
#include <optional>
#include <string>

namespace audiostore {

struct PutResult {
  std::string etag;  ///< opaque, with its quotes
};

/// Takes an object's bytes in order, of a length that nobody knows yet: a recording under way. What was written is seen
/// under the key from finish() on, whole, and never before.
///
/// Destroying it without finish() leaves nothing behind, as abort() does. After an error every further call returns the
/// same error. For one thread at a time; must not outlive the store that made it.
class ObjectWriter {
 public:
  ObjectWriter() = default;
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;
  virtual ~ObjectWriter() = default;

  /// Takes `bytes`, copying what it keeps. May wait for bytes that are on their way already. Errors: those of put();
  /// too_large; invalid_argument after finish() or abort().
  Result<void> write(ByteSpan bytes);

  /// Publishes the object. Errors: as write(); also already_exists.
  Result<PutResult> finish();

  /// Drops what was written. Errors: those of the clean-up, which may leave parts behind; list_uploads() finds them.
  Result<void> abort();

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }  ///< bytes taken so far

 private:
  virtual Result<void> do_write(ByteSpan bytes) = 0;
  virtual Result<PutResult> do_finish() = 0;
  virtual Result<void> do_abort() = 0;

  [[nodiscard]] Result<void> check() const;
  template <class F>
  auto run(F&& backend) -> decltype(backend());

  std::uint64_t written_ = 0;
  std::optional<Error> failed_;
  bool ended_ = false;
};

}  // namespace audiostore
