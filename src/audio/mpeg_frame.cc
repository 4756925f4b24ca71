#include "audio/mpeg_frame.h"

#include <array>

namespace audiostore {
namespace {

constexpr std::uint32_t sync = 0x7ff;
constexpr std::uint32_t reserved_version = 1;
constexpr std::uint32_t version_1 = 3;
constexpr std::uint32_t layer_3 = 1;
constexpr std::uint32_t no_layer = 0;
constexpr std::uint32_t bad_bitrate = 15;
constexpr std::uint32_t reserved_rate = 3;
constexpr std::uint32_t reserved_emphasis = 2;

struct Fields {
  std::uint32_t version, layer, bitrate, rate, padding;
};

/// nullopt unless there is the sync word and no reserved value but perhaps the layer's.
std::optional<Fields> parse(std::uint32_t header) noexcept {
  const Fields fields{header >> 19U & 3U, header >> 17U & 3U, header >> 12U & 15U, header >> 10U & 3U,
                      header >> 9U & 1U};
  const bool valid = header >> 21U == sync && fields.version != reserved_version && fields.bitrate != bad_bitrate &&
                     fields.rate != reserved_rate && (header & 3U) != reserved_emphasis;
  return valid ? std::optional(fields) : std::nullopt;
}

}  // namespace

std::optional<Mp3Frame> mp3_frame(std::uint32_t header) noexcept {
  constexpr std::array<std::uint64_t, 15> kbps_1{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  constexpr std::array<std::uint64_t, 15> kbps_2{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
  constexpr std::array<std::uint64_t, 3> hertz_1{44'100, 48'000, 32'000};
  const auto fields = parse(header);
  if (!fields || fields->layer != layer_3 || fields->bitrate == 0) return std::nullopt;
  const bool first = fields->version == version_1;
  const bool mono = (header >> 6U & 3U) == 3;
  Mp3Frame frame;
  frame.samples = first ? 1152 : 576;
  frame.sample_rate = hertz_1[fields->rate] / (first ? 1 : fields->version == 2 ? 2 : 4);
  frame.channels = mono ? 1 : 2;
  frame.side_info = first ? (mono ? 17 : 32) : (mono ? 9 : 17);
  const std::uint64_t bits = (first ? kbps_1 : kbps_2)[fields->bitrate] * 1000;
  frame.length = frame.samples / 8 * bits / frame.sample_rate + fields->padding;
  return frame;
}

std::optional<std::uint64_t> mp3_frame_length(std::uint32_t header) noexcept {
  const auto frame = mp3_frame(header);
  return frame ? std::optional(frame->length) : std::nullopt;
}

bool same_mpeg_stream(std::uint32_t a, std::uint32_t b) noexcept {
  constexpr std::uint32_t sync_version_layer_rate = 0xfffe0c00;
  return ((a ^ b) & sync_version_layer_rate) == 0;
}

bool is_other_mpeg_layer(std::uint32_t header) noexcept {
  const auto fields = parse(header);
  return fields && fields->layer != layer_3 && fields->layer != no_layer;
}

bool is_adts(std::uint32_t header) noexcept {
  constexpr std::uint32_t highest_rate_index = 12;
  return (header & 0xfff60000U) == 0xfff00000U && (header >> 10U & 15U) <= highest_rate_index;
}

}  // namespace audiostore
