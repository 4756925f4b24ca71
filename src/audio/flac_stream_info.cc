#include "audio/flac_stream_info.h"

namespace audiostore {

std::optional<FlacStreamInfo> flac_stream_info_at(BoundedReader& reader, std::uint64_t offset) {
  constexpr std::uint64_t behind_block_and_frame_sizes = 10;
  // 20 bits of rate, 3 of channels less one, 5 of the samples' bits less one, 36 of their number.
  const auto bits = reader.big_endian(offset + behind_block_and_frame_sizes, 8);
  if (!bits) return std::nullopt;
  return FlacStreamInfo{*bits >> 44U, (*bits >> 41U & 7U) + 1, *bits & ((std::uint64_t{1} << 36U) - 1)};
}

}  // namespace audiostore
