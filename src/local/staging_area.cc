#include "local/staging_area.h"

#include <fmt/format.h>

#include <utility>

namespace audiostore::local {
namespace {

constexpr std::uint64_t block_bytes = 4096;  // what file systems give and take back

/// An empty part takes a block too: it costs memory.
std::uint64_t blocks_for(std::uint64_t bytes) { return bytes / block_bytes + 1; }

}  // namespace

StagedBytes::StagedBytes(std::shared_ptr<StagingArea> area, std::uint64_t offset, std::uint64_t reserved)
    : area_(std::move(area)), offset_(offset), reserved_(reserved) {}

StagedBytes::~StagedBytes() { area_->release(offset_, reserved_); }

Result<void> StagedBytes::append(ByteSpan bytes) {
  if (bytes.size() > reserved_ - size_) return Error(ErrorCode::too_large, "a part is longer than was announced");
  return area_->file_->write_at(offset_ + size_, bytes).transform([&] { size_ += bytes.size(); });
}

Result<void> StagedBytes::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  return area_->file_->read_at(offset_ + offset, out);
}

std::shared_ptr<StagingArea> StagingArea::create(std::uint64_t max_bytes) {
  return std::shared_ptr<StagingArea>(new StagingArea(max_bytes));
}

Result<std::unique_ptr<StagedBytes>> StagingArea::reserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (blocks_for(bytes) > (max_bytes_ - used_) / block_bytes) {
    return Error(ErrorCode::no_space, fmt::format("the parts of unfinished uploads take {} bytes of {}; complete or "
                                                  "abort some of them, or raise max_staged_bytes",
                                                  used_, max_bytes_));
  }
  if (!file_) {
    auto file = TempFile::create();
    if (!file) return std::move(file).error();
    file_ = std::move(*file);
  }
  auto place = std::make_unique<StagedBytes>(shared_from_this(), end_, bytes);
  end_ += blocks_for(bytes) * block_bytes;
  used_ += blocks_for(bytes) * block_bytes;
  return place;
}

std::uint64_t StagingArea::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

void StagingArea::release(std::uint64_t offset, std::uint64_t bytes) noexcept {
  const std::uint64_t room = blocks_for(bytes) * block_bytes;
  file_->discard(offset, room);  // before anybody else can be given this place
  const std::lock_guard lock(mutex_);
  used_ -= room;
  if (used_ == 0) end_ = 0;
}

}  // namespace audiostore::local
