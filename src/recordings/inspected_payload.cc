#include "recordings/inspected_payload.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace audiostore {
namespace {

struct Piece {
  std::uint64_t offset;
  std::vector<std::byte> bytes;
};

/// False if `piece` and the `bytes` at `offset` differ where both have bytes.
bool agree(const Piece& piece, std::uint64_t offset, ByteSpan bytes) {
  const std::uint64_t begin = std::max(piece.offset, offset);
  const std::uint64_t end = std::min(piece.offset + piece.bytes.size(), offset + bytes.size());
  return begin >= end || std::ranges::equal(ByteSpan(piece.bytes).subspan(begin - piece.offset, end - begin),
                                            bytes.subspan(begin - offset, end - begin));
}

/// Notes what is read of a payload.
class NotingSource final : public PayloadSource {
 public:
  explicit NotingSource(Payload payload) : payload_(std::move(payload)), size_(payload_.size()) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    auto read = payload_.read_at(offset, out);
    if (read) pieces_.push_back({offset, {out.begin(), out.end()}});
    return read;
  }
  [[nodiscard]] std::vector<Piece> take_pieces() { return std::move(pieces_); }

 private:
  Payload payload_;
  std::uint64_t size_;
  mutable std::vector<Piece> pieces_;  // inspecting happens on one thread
};

/// A payload that must still have the bytes that were noted.
class BoundSource final : public PayloadSource {
 public:
  BoundSource(Payload payload, std::uint64_t size, std::vector<Piece> pieces)
      : payload_(std::move(payload)), size_(size), pieces_(std::move(pieces)) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (auto read = payload_.read_at(offset, out); !read) return read;
    if (std::ranges::all_of(pieces_, [&](const Piece& piece) { return agree(piece, offset, out); })) return {};
    return Error(ErrorCode::corrupt, "the payload changed after it was inspected; store a copy that nobody writes to");
  }

 private:
  Payload payload_;
  std::uint64_t size_;
  std::vector<Piece> pieces_;
};

}  // namespace

Result<InspectedPayload> inspect_and_bind(const Payload& payload, const AudioLimits& limits,
                                          std::string_view declared_type) {
  const auto noting = std::make_shared<NotingSource>(payload);
  return inspect_audio(Payload(noting), limits, declared_type).transform([&](AudioInfo info) {
    auto bound = std::make_shared<BoundSource>(payload, noting->size(), noting->take_pieces());
    return InspectedPayload{info, Payload(std::move(bound))};
  });
}

}  // namespace audiostore
