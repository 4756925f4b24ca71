// Payload sources that a file cannot be: huge without the memory, failing, throwing, counting.
#pragma once

#include <audiostore/bytes.h>

#include <algorithm>
#include <functional>
#include <string>

namespace audiostore::audio_test {

/// `head`, then as many zero bytes as make `size`. Each read asks `on_read` first, and fails as it says.
class SynthesizedSource final : public PayloadSource {
 public:
  struct Reads {
    int count = 0;
    std::uint64_t bytes = 0;
  };

  explicit SynthesizedSource(std::string head, std::uint64_t size, std::function<Result<void>()> on_read = {})
      : head_(std::move(head)), size_(size), on_read_(std::move(on_read)) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }

  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    ++reads_.count;
    reads_.bytes += out.size();
    if (on_read_)
      if (auto allowed = on_read_(); !allowed) return allowed;
    std::ranges::fill(out, std::byte{0});
    if (offset < head_.size()) {
      const ByteSpan rest = as_bytes(head_).subspan(offset);
      std::ranges::copy(rest.first(std::min(rest.size(), out.size())), out.begin());
    }
    return {};
  }

  [[nodiscard]] const Reads& reads() const { return reads_; }

 private:
  std::string head_;
  std::uint64_t size_;
  std::function<Result<void>()> on_read_;
  mutable Reads reads_;  // the tests read on one thread
};

}  // namespace audiostore::audio_test
