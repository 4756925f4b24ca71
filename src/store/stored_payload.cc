#include <audiostore/stored_payload.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

namespace audiostore {
namespace {

struct Block {
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;

  [[nodiscard]] bool holds(std::uint64_t from, std::size_t count) const noexcept {
    return from >= offset && from - offset <= bytes.size() && count <= bytes.size() - (from - offset);
  }
};

class StoredSource final : public PayloadSource {
 public:
  StoredSource(std::shared_ptr<ObjectStore> store, ObjectKey key, const ObjectInfo& info, const CallOptions& call)
      : store_(std::move(store)),
        key_(std::move(key)),
        etag_(info.etag),
        size_(info.size),
        call_{.stop = call.stop, .deadline = call.deadline} {
    assert(store_);
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  static constexpr std::size_t block_bytes = std::size_t{64} * 1024;

  [[nodiscard]] Result<std::shared_ptr<const Block>> block_with(std::uint64_t offset, std::size_t count) const;
  [[nodiscard]] Result<void> fetch(std::uint64_t offset, std::span<std::byte> out) const;
  [[nodiscard]] Error failure(ErrorCode code, std::string_view message) const {
    return Error(code, message).with_operation("get").with_key(key_.str());
  }
  [[nodiscard]] Error changed(Error error) const;

  const std::shared_ptr<ObjectStore> store_;
  const ObjectKey key_;
  const std::string etag_;
  const std::uint64_t size_;
  const CallOptions call_;
  mutable std::mutex mutex_;                   // guards last_; never held while the store is asked
  mutable std::shared_ptr<const Block> last_;  // what a short read has fetched
};

Result<void> StoredSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (out.empty()) return {};
  if (out.size() >= block_bytes) return fetch(offset, out);
  return block_with(offset, out.size()).transform([&](const std::shared_ptr<const Block>& block) {
    std::memcpy(out.data(), block->bytes.data() + (offset - block->offset), out.size());
  });
}

Result<std::shared_ptr<const Block>> StoredSource::block_with(std::uint64_t offset, std::size_t count) const {
  {
    const std::scoped_lock lock(mutex_);
    if (last_ && last_->holds(offset, count)) return last_;
  }
  Block block;
  block.offset = std::min(offset, size_ - std::min<std::uint64_t>(block_bytes, size_));
  block.bytes.resize(std::min<std::uint64_t>(block_bytes, size_ - block.offset));
  if (auto fetched = fetch(block.offset, block.bytes); !fetched) return std::move(fetched).error();
  auto kept = std::make_shared<const Block>(std::move(block));
  const std::scoped_lock lock(mutex_);
  last_ = kept;
  return kept;
}

Result<void> StoredSource::fetch(std::uint64_t offset, std::span<std::byte> out) const {
  if (etag_.empty()) {
    return failure(ErrorCode::invalid_argument,
                   "the object's ETag is not known, so it cannot be read in ranges; take the ObjectInfo of head()");
  }
  const auto other_bytes = [&] {
    return failure(ErrorCode::corrupt, "the store gave other bytes of the object than it was asked for");
  };
  std::size_t filled = 0;
  const ByteSink fill = [&](ByteSpan bytes) -> Result<void> {
    if (bytes.size() > out.size() - filled) return other_bytes();
    std::ranges::copy(bytes, out.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += bytes.size();
    return {};
  };
  const GetOptions options{
      .range = ByteRange::between(offset, offset + out.size() - 1), .conditions = {.if_match = etag_}, .call = call_};
  const auto got = store_->get(key_, fill, options);
  if (!got) return changed(got.error());
  if (got->etag != etag_ || got->size != size_) return changed(Error(ErrorCode::precondition_failed, ""));
  if (filled != out.size() || got->delivered.offset != offset) return other_bytes();
  return {};
}

/// The error itself, unless it says that the object is not what it was.
Error StoredSource::changed(Error error) const {
  const ErrorCode code = error.code();
  if (code == ErrorCode::not_found) {
    return failure(ErrorCode::corrupt, "the object was removed before all of it was read");
  }
  if (code != ErrorCode::precondition_failed && code != ErrorCode::range_not_satisfiable) return error;
  return failure(ErrorCode::corrupt,
                 "the object was replaced before all of it was read; take its head() and begin anew");
}

}  // namespace

Payload stored_payload(std::shared_ptr<ObjectStore> store, const ObjectKey& key, const ObjectInfo& info,
                       const CallOptions& call) {
  return Payload(std::make_shared<StoredSource>(std::move(store), key, info, call));
}

}  // namespace audiostore
