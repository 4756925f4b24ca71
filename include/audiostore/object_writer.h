// An object whose bytes come while they are being made.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>
#include <audiostore/object_key.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace audiostore {

struct PutResult {
  std::string etag;  ///< opaque, with its quotes
};

/// Takes an object's bytes in order, of a length that nobody knows yet: a recording under way. What was written is seen
/// under the key from finish() on, whole, and never before.
///
/// Destroying it without finish() leaves nothing behind, as abort() does. After an error write() and finish() return
/// that same error, and what was written is dropped. For one thread at a time; must not outlive the store that made it.
class ObjectWriter {
 public:
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;
  virtual ~ObjectWriter() = default;

  /// Takes `bytes`, copying what it keeps. May wait for bytes that are on their way already; with none it only tells
  /// whether those are well. Errors: those of put(); too_large; invalid_argument after finish() or abort().
  Result<void> write(ByteSpan bytes);

  /// Publishes the object; without a byte written, an empty one. Errors: as write(); also already_exists.
  Result<PutResult> finish();

  /// Drops what was written; after an error or a first abort() a success. Errors: those of the clean-up, which may
  /// leave parts behind (list_uploads() finds them); invalid_argument after finish().
  Result<void> abort();

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }  ///< bytes taken so far

 protected:
  /// For an object under `key`, which errors will name.
  explicit ObjectWriter(ObjectKey key) : key_(std::move(key)) {}
  [[nodiscard]] const ObjectKey& key() const noexcept { return key_; }

 private:
  // All that a backend writes. Nothing is called after do_finish(), do_abort() or an error but do_abort(), which is
  // also called after an error. Its destructor leaves nothing behind either.
  virtual Result<void> do_write(ByteSpan bytes) = 0;
  virtual Result<PutResult> do_finish() = 0;
  virtual Result<void> do_abort() = 0;

  template <class F>
  auto run(std::string_view operation, F&& backend) -> decltype(backend());
  Result<void> drop();

  const ObjectKey key_;
  std::uint64_t written_ = 0;
  std::optional<Error> over_;  // what write() and finish() return from now on
  bool is_published_ = false;
};

}  // namespace audiostore
