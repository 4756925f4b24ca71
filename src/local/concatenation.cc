#include "local/concatenation.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace audiostore::local {
namespace {

class Concatenation final : public PayloadSource {
 public:
  explicit Concatenation(std::vector<std::shared_ptr<const PayloadSource>> pieces) : pieces_(std::move(pieces)) {
    for (const auto& piece : pieces_) ends_.push_back(size() + piece->size());
  }

  [[nodiscard]] std::uint64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }

  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    while (!out.empty()) {
      const auto index = static_cast<std::size_t>(std::ranges::upper_bound(ends_, offset) - ends_.begin());
      const std::uint64_t begin = index == 0 ? 0 : ends_[index - 1];
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), ends_[index] - offset));
      if (auto read = pieces_[index]->read_at(offset - begin, out.first(count)); !read) return read;
      offset += count;
      out = out.subspan(count);
    }
    return {};
  }

 private:
  std::vector<std::shared_ptr<const PayloadSource>> pieces_;
  std::vector<std::uint64_t> ends_;  // of each piece, in the whole
};

}  // namespace

Payload concatenate(std::vector<std::shared_ptr<const PayloadSource>> pieces) {
  return Payload(std::make_shared<Concatenation>(std::move(pieces)));
}

}  // namespace audiostore::local
