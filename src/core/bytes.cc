#include <audiostore/bytes.h>

#include "core/call_guard.h"
#include "core/checked.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace audiostore {
namespace {

/// As memcpy, because GCC 12 makes a loop over single bytes of std::ranges::copy here, a quarter of an upload's cost.
void copy_slice(ByteSpan bytes, std::uint64_t offset, std::span<std::byte> out) noexcept {
  if (!out.empty()) std::memcpy(out.data(), bytes.subspan(offset, out.size()).data(), out.size());
}

class StringSource final : public PayloadSource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    copy_slice(as_bytes(bytes_), offset, out);
    return {};
  }

 private:
  std::string bytes_;
};

class MemorySource final : public PayloadSource {
 public:
  explicit MemorySource(ByteSpan bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    copy_slice(bytes_, offset, out);
    return {};
  }

 private:
  ByteSpan bytes_;
};

}  // namespace

Result<ByteRange::Slice> ByteRange::resolve(std::uint64_t size) const {
  if (!first_) {
    const std::uint64_t length = std::min(*last_, size);
    if (length == 0)
      return Error(ErrorCode::range_not_satisfiable, fmt::format("the last {} bytes of {}", *last_, size));
    return Slice{size - length, length};
  }
  if (last_ && *last_ < *first_) {
    return Error(ErrorCode::invalid_argument, fmt::format("byte range {}-{} ends before it begins", *first_, *last_));
  }
  if (*first_ >= size) {
    return Error(ErrorCode::range_not_satisfiable, fmt::format("byte {} of an object of {} bytes", *first_, size));
  }
  return Slice{*first_, last_ ? std::min(*last_, size - 1) - *first_ + 1 : size - *first_};
}

std::string ByteRange::to_header() const {
  if (!first_) return fmt::format("bytes=-{}", *last_);
  return last_ ? fmt::format("bytes={}-{}", *first_, *last_) : fmt::format("bytes={}-", *first_);
}

std::optional<ByteRange> ByteRange::from_header(std::string_view header) {
  constexpr std::string_view unit = "bytes=";
  if (!equal_ignoring_case(header.substr(0, unit.size()), unit)) return std::nullopt;
  const std::string_view range = trim(header.substr(unit.size()));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = parse_decimal(range.substr(0, dash));
  const auto last = parse_decimal(range.substr(dash + 1));
  const bool open = dash + 1 == range.size();
  if (dash == 0) return last ? std::optional(ByteRange::last(*last)) : std::nullopt;
  if (!first || (!last && !open) || (last && *last < *first)) return std::nullopt;
  return open ? ByteRange::from(*first) : ByteRange::between(*first, *last);
}

namespace {

class SliceSource final : public PayloadSource {
 public:
  SliceSource(Payload whole, std::uint64_t offset, std::uint64_t length)
      : whole_(std::move(whole)), offset_(offset), length_(length) {
    assert(offset <= whole_.size() && length <= whole_.size() - offset);
  }
  [[nodiscard]] std::uint64_t size() const override { return length_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    return whole_.read_at(offset_ + offset, out);
  }

 private:
  const Payload whole_;
  const std::uint64_t offset_;
  const std::uint64_t length_;
};

}  // namespace

Payload::Payload() : Payload(from_memory({})) {}
Payload::Payload(std::shared_ptr<const PayloadSource> source) : source_(std::move(source)), size_(source_->size()) {}

Payload Payload::from_string(std::string bytes) { return Payload(std::make_shared<StringSource>(std::move(bytes))); }
Payload Payload::from_memory(ByteSpan bytes) { return Payload(std::make_shared<MemorySource>(bytes)); }

Payload Payload::slice(std::uint64_t offset, std::uint64_t length) const {
  return Payload(std::make_shared<SliceSource>(*this, offset, length));
}

Result<void> Payload::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  const auto end = checked_add<std::uint64_t>(offset, out.size());
  if (!end || *end > size()) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("{} bytes from byte {} on reach past the payload's {} bytes", out.size(), offset, size()));
  }
  return call_guarded("the payload's source", [&] { return source_->read_at(offset, out); });
}

Result<void> Payload::read_all(const ByteSink& sink) const {
  const ByteSink safe_sink = guarded(sink);
  std::array<std::byte, std::size_t{64} * 1024> buffer;
  for (std::uint64_t offset = 0; offset < size();) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), size() - offset));
    if (auto read = read_at(offset, piece); !read) return read;
    if (auto taken = safe_sink(piece); !taken) return taken;
    offset += piece.size();
  }
  return {};
}

}  // namespace audiostore
