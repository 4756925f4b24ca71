// Bytes on their way from a client to the store: on the disk, not in memory.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <filesystem>
#include <memory>
#include <string_view>

namespace audio_service {

/// A file without a name: it goes with the last who holds it, however the process ends. Written by one thread, then
/// read by any.
class SpoolFile final : public audiostore::PayloadSource {
 public:
  /// In `folder`, readable by nobody else. Errors: no_space, internal.
  static audiostore::Result<std::shared_ptr<SpoolFile>> create(const std::filesystem::path& folder);
  explicit SpoolFile(int file) : file_(file) {}
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  ~SpoolFile() override;

  /// Errors: no_space, internal.
  audiostore::Result<void> append(std::string_view bytes);

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] audiostore::Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  int file_;
  std::uint64_t size_ = 0;
};

}  // namespace audio_service
