// How long an AIFF file is, by its COMM and SSND chunks (Apple, "Audio Interchange File Format", version 1.3; AIFF-C,
// draft of 1991-08-26).
#include "audio/iff_chunks.h"
#include "audio/probers.h"
#include "core/checked.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace audiostore {
namespace {

constexpr std::uint64_t first_chunk = 12;

/// The number in the 80 bits of an IEEE 754 extended double, cut to an integer; 0 where it is none or too large for a
/// sample rate.
std::uint64_t extended_at(BoundedReader& reader, std::uint64_t offset) {
  constexpr std::uint64_t bias = 16'383;
  constexpr std::uint64_t most_bits = 31;
  const std::uint64_t head = reader.big_endian(offset, 2).value_or(0);  // the sign, too, which makes it too large
  const std::uint64_t mantissa = reader.big_endian(offset + 2, 8).value_or(0);
  return head < bias || head > bias + most_bits ? 0 : mantissa >> (63 - (head - bias));
}

struct Compression {
  std::string_view name;
  std::uint64_t sample_bytes;  // 0: as COMM says
};

/// Those of AIFF-C that do not compress, or to samples of one size.
constexpr std::array<Compression, 14> compressions{{{"NONE", 0},
                                                    {"twos", 0},
                                                    {"sowt", 0},
                                                    {"in24", 0},
                                                    {"in32", 0},
                                                    {"raw ", 0},
                                                    {"fl32", 4},
                                                    {"FL32", 4},
                                                    {"fl64", 8},
                                                    {"FL64", 8},
                                                    {"ulaw", 1},
                                                    {"ULAW", 1},
                                                    {"alaw", 1},
                                                    {"ALAW", 1}}};

/// The bytes of one sample of one channel; 0 where it takes a decoder to tell.
std::uint64_t sample_bytes(BoundedReader& reader, const IffChunk& comm) {
  constexpr std::uint64_t compression = 18;
  const std::uint64_t said = (reader.big_endian(comm.body + 6, 2).value_or(0) + 7) / 8;
  if (reader.has(8, "AIFF") || comm.length < compression + 4) return said;
  const std::string name = reader.text(comm.body + compression, 4);
  const auto* const found = std::ranges::find(compressions, name, &Compression::name);
  if (found == compressions.end()) return 0;
  return found->sample_bytes == 0 ? said : found->sample_bytes;
}

/// How many there is room for in what is there of the sound chunk.
std::uint64_t frames_in(BoundedReader& reader, std::uint64_t frame_bytes) {
  constexpr std::uint64_t offset_and_block_size = 8;
  const auto sound = find_chunk(reader, first_chunk, "SSND", ByteOrder::big);
  if (!sound || sound->body > reader.size()) return 0;
  const std::uint64_t there = std::min(sound->length == 0 ? UINT64_MAX : sound->length, reader.size() - sound->body);
  return there < offset_and_block_size ? 0 : (there - offset_and_block_size) / frame_bytes;
}

}  // namespace

SoundFacts probe_aiff(BoundedReader& reader) {
  const auto comm = find_chunk(reader, first_chunk, "COMM", ByteOrder::big);
  if (!comm) return {};
  SoundFacts facts{.channels = reader.big_endian(comm->body, 2).value_or(0),
                   .sample_rate = extended_at(reader, comm->body + 8)};
  const auto frame_bytes = checked_multiply<std::uint64_t>(facts.channels, sample_bytes(reader, *comm));
  if (frame_bytes.value_or(0) == 0) return facts;
  const std::uint64_t said = reader.big_endian(comm->body + 2, 4).value_or(0);
  const std::uint64_t there = frames_in(reader, *frame_bytes);
  facts.duration = time_of(said == 0 ? there : std::min(said, there), facts.sample_rate);
  return facts;
}

}  // namespace audiostore
