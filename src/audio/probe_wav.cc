// How long a WAVE file is, by its data chunk: RIFF (Microsoft, "Multiple channel audio data and WAVE files"), ds64 (EBU
// Tech 3306; ITU-R BS.2088).
#include "audio/iff_chunks.h"
#include "audio/probers.h"

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::uint64_t first_chunk = 12;
constexpr std::uint64_t not_known = 0xffffffff;

struct Fmt {
  std::uint64_t tag = 0;
  std::uint64_t channels = 0;
  std::uint64_t sample_rate = 0;
  std::uint64_t byte_rate = 0;
  std::uint64_t block_align = 0;

  /// Whether each block is one sample of every channel: PCM, float, A-law, mu-law.
  [[nodiscard]] bool has_sample_blocks() const noexcept { return tag == 1 || tag == 3 || tag == 6 || tag == 7; }
  /// Of one channel. 0: of no whole number of bytes, as no sample is.
  [[nodiscard]] std::uint64_t sample_bytes() const noexcept {
    return channels == 0 || block_align % channels != 0 ? 0 : block_align / channels;
  }
};

Fmt read_fmt(BoundedReader& reader, std::uint64_t body) {
  constexpr std::uint64_t extensible_tag = 0xfffe;
  constexpr std::uint64_t subformat = 24;  // a GUID that begins with the tag
  const auto number = [&](std::uint64_t at, std::size_t width) {
    return reader.little_endian(body + at, width).value_or(0);
  };
  Fmt fmt{number(0, 2), number(2, 2), number(4, 4), number(8, 4), number(12, 2)};
  if (fmt.tag == extensible_tag) fmt.tag = number(subformat, 2);
  return fmt;
}

/// What the data chunk, or the ds64 chunk for it, says is in it. nullopt: that it is not known.
std::optional<std::uint64_t> declared_bytes(BoundedReader& reader, const IffChunk& data) {
  constexpr std::uint64_t ds64_data_size = 8;
  if (data.length != not_known) return data.length;
  const auto ds64 = find_chunk(reader, first_chunk, "ds64", ByteOrder::little);
  const bool has_it = ds64 && !reader.has(0, "RIFF");
  return has_it ? reader.little_endian(ds64->body + ds64_data_size, 8) : std::nullopt;
}

/// How many bytes of sound there are. Whoever could not go back has left the size 0 or 0xFFFFFFFF: then it is all that
/// is there, unless the file's own size says that there is nothing.
std::uint64_t sound_bytes(BoundedReader& reader, const IffChunk& data) {
  constexpr std::uint64_t riff_header = 8;
  const std::uint64_t there = reader.size() - data.body;
  const std::uint64_t declared = declared_bytes(reader, data).value_or(there);
  const bool is_finished = reader.little_endian(4, 4).value_or(0) + riff_header == reader.size();
  return declared == 0 && !is_finished ? there : std::min(declared, there);
}

/// Of a codec with blocks of its own the fact chunk knows the samples; else there is the rate of bytes.
std::optional<std::chrono::milliseconds> coded_duration(BoundedReader& reader, const Fmt& fmt, std::uint64_t bytes) {
  const auto fact = find_chunk(reader, first_chunk, "fact", ByteOrder::little);
  const auto samples = fact && fact->length >= 4 ? reader.little_endian(fact->body, 4) : std::nullopt;
  if (samples.value_or(0) != 0 && samples != not_known) return time_of(*samples, fmt.sample_rate);
  return time_of(bytes, fmt.byte_rate);
}

}  // namespace

SoundFacts probe_wav(BoundedReader& reader) {
  constexpr std::uint64_t most_sample_bytes = 8;
  const auto chunk = find_chunk(reader, first_chunk, "fmt ", ByteOrder::little);
  const auto data = chunk ? find_chunk(reader, chunk->next, "data", ByteOrder::little) : std::nullopt;
  if (!data) return {};
  const Fmt fmt = read_fmt(reader, chunk->body);
  SoundFacts facts{.channels = fmt.channels, .sample_rate = fmt.sample_rate};
  const std::uint64_t bytes = sound_bytes(reader, *data);
  if (!fmt.has_sample_blocks()) {
    facts.duration = coded_duration(reader, fmt, bytes);
  } else if (fmt.sample_bytes() != 0 && fmt.sample_bytes() <= most_sample_bytes) {
    facts.duration = time_of(bytes / fmt.block_align, fmt.sample_rate);
  }
  return facts;
}

}  // namespace audiostore
