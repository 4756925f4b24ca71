#include "audio/aac_config.h"

#include <array>

namespace audiostore {
namespace {

/// Goes through the descriptors in an esds box, each in the one before: a tag, a length of 1 to 4 bytes, a body.
class Descriptors {
 public:
  Descriptors(BoundedReader& reader, const IsoBox& esds) : reader_(reader), box_(esds) {}

  /// Enters the descriptor that is next. nullopt: it has another tag, or is cut off.
  std::optional<std::uint64_t> enter(std::uint64_t tag) {
    constexpr int most_length_bytes = 4;
    if (number(1) != tag) return std::nullopt;
    std::uint64_t length = 0;
    for (int i = 0; i < most_length_bytes; ++i) {
      const auto byte = number(1);
      if (!byte) return std::nullopt;
      length = length << 7U | (*byte & 0x7fU);
      if (*byte < 0x80) return length;
    }
    return std::nullopt;
  }
  void skip(std::uint64_t bytes) { at_ += bytes; }
  std::optional<std::uint64_t> number(std::size_t width) {
    const auto value = iso_field(reader_, box_, at_, width);
    at_ += width;
    return value;
  }

 private:
  BoundedReader& reader_;
  const IsoBox& box_;
  std::uint64_t at_ = 4;  // behind version and flags
};

/// The bits of an AudioSpecificConfig, the first one on top.
class Bits {
 public:
  explicit Bits(std::uint64_t value) : value_(value) {}
  std::uint64_t take(unsigned int count) {
    const std::uint64_t taken = value_ >> (64 - count);
    value_ <<= count;
    return taken;
  }
  /// In Hz; 0 for an index that is reserved.
  std::uint64_t take_sample_rate() {
    constexpr std::array<std::uint64_t, 13> rates{96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                                  22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
    constexpr std::uint64_t is_written_out = 15;
    const std::uint64_t index = take(4);
    if (index == is_written_out) return take(24);
    return index < rates.size() ? rates[index] : 0;
  }

 private:
  std::uint64_t value_;
};

AacConfig parse(Bits bits) {
  constexpr std::array<std::uint64_t, 8> channels{0, 1, 2, 3, 4, 5, 6, 8};
  constexpr std::uint64_t spectral_band_replication = 5;  // plays at the rate that follows
  constexpr std::uint64_t parametric_stereo = 29;         // the same, and one channel is played as two
  constexpr std::uint64_t is_longer = 31;
  const std::uint64_t type = bits.take(5);
  if (type == is_longer) bits.take(6);
  AacConfig config{.sample_rate = bits.take_sample_rate()};
  const std::uint64_t layout = bits.take(4);
  if (layout < channels.size()) config.channels = channels[layout];
  if (type == parametric_stereo && config.channels == 1) config.channels = 2;
  if (type == parametric_stereo || type == spectral_band_replication) config.sample_rate = bits.take_sample_rate();
  return config;
}

}  // namespace

std::optional<AacConfig> read_aac_config(BoundedReader& reader, const IsoBox& esds) {
  constexpr std::uint64_t mpeg_4_audio = 0x40;
  constexpr std::uint64_t es_tag = 3;
  constexpr std::uint64_t decoder_tag = 4;
  constexpr std::uint64_t specific_tag = 5;
  Descriptors descriptors(reader, esds);
  if (!descriptors.enter(es_tag)) return std::nullopt;
  descriptors.skip(2);
  if ((descriptors.number(1).value_or(0) & 0xe0U) != 0) return std::nullopt;  // with fields that files do not have
  if (!descriptors.enter(decoder_tag) || descriptors.number(1) != mpeg_4_audio) return std::nullopt;
  descriptors.skip(12);
  const auto length = descriptors.enter(specific_tag);
  if (length.value_or(0) < 2) return std::nullopt;
  std::uint64_t bits = 0;
  for (std::uint64_t i = 0; i < 8; ++i) bits = bits << 8U | (i < *length ? descriptors.number(1).value_or(0) : 0);
  return parse(Bits(bits));
}

}  // namespace audiostore
