// Where the parts of unfinished uploads lie.
#pragma once

#include "local/temp_file.h"

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace audiostore::local {

class StagingArea;

/// A place for a number of bytes that was fixed when it was reserved. Written by one thread, then read by any. What it
/// took on disk is given back when it goes.
class StagedBytes final : public PayloadSource {
 public:
  StagedBytes(std::shared_ptr<StagingArea> area, std::uint64_t offset, std::uint64_t reserved);
  StagedBytes(const StagedBytes&) = delete;
  StagedBytes& operator=(const StagedBytes&) = delete;
  ~StagedBytes() override;

  /// Errors: no_space, internal; too_large when more comes than was reserved.
  Result<void> append(ByteSpan bytes);

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::shared_ptr<StagingArea> area_;
  std::uint64_t offset_;
  std::uint64_t reserved_;
  std::uint64_t size_ = 0;
};

/// One temporary file for all parts of all uploads, so that ten thousand parts need one descriptor. Made when the first
/// part comes. Thread-safe.
class StagingArea : public std::enable_shared_from_this<StagingArea> {
 public:
  /// At most `max_bytes` at a time, every part counted as whole blocks of 4 KiB.
  static std::shared_ptr<StagingArea> create(std::uint64_t max_bytes);

  /// Errors: no_space (the limit), those of TempFile::create.
  Result<std::unique_ptr<StagedBytes>> reserve(std::uint64_t bytes);

  [[nodiscard]] std::uint64_t used() const;  ///< bytes

 private:
  friend class StagedBytes;
  explicit StagingArea(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}
  void release(std::uint64_t offset, std::uint64_t bytes) noexcept;

  const std::uint64_t max_bytes_;
  mutable std::mutex mutex_;
  std::optional<TempFile> file_;  // once there, it stays
  std::uint64_t end_ = 0;         // where the next reservation begins
  std::uint64_t used_ = 0;
};

}  // namespace audiostore::local
