// Elements of WebM: EBML (RFC 8794, sections 4 to 6) with the IDs of Matroska (RFC 9559, section 5.1).
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <optional>

namespace audiostore {

/// IDs of elements, marker bits included.
namespace webm_id {
constexpr std::uint64_t ebml = 0x1a45dfa3;
constexpr std::uint64_t doc_type = 0x4282;
constexpr std::uint64_t crc_32 = 0xbf;
constexpr std::uint64_t void_ = 0xec;
constexpr std::uint64_t segment = 0x18538067;
constexpr std::uint64_t info = 0x1549a966;
constexpr std::uint64_t timestamp_scale = 0x2ad7b1;
constexpr std::uint64_t duration = 0x4489;
constexpr std::uint64_t tracks = 0x1654ae6b;
constexpr std::uint64_t track_entry = 0xae;
constexpr std::uint64_t track_type = 0x83;
constexpr std::uint64_t video = 0xe0;
constexpr std::uint64_t audio = 0xe1;
constexpr std::uint64_t sampling_frequency = 0xb5;
constexpr std::uint64_t channels = 0x9f;
constexpr std::uint64_t cluster = 0x1f43b675;
constexpr std::uint64_t timestamp = 0xe7;
constexpr std::uint64_t position = 0xa7;
constexpr std::uint64_t prev_size = 0xab;
constexpr std::uint64_t simple_block = 0xa3;
constexpr std::uint64_t block_group = 0xa0;
constexpr std::uint64_t block = 0xa1;
}  // namespace webm_id

struct EbmlElement {
  std::uint64_t id = 0;
  std::uint64_t body = 0;  // offset
  std::uint64_t end = 0;
  bool closed = false;  // false: of unknown size, or longer than what it is in; then `end` is where that ends

  [[nodiscard]] std::uint64_t length() const noexcept { return end - body; }
};

/// The element at `offset`, which lies in one that ends at `limit`. REQUIRES: offset <= limit <= reader.size().
std::optional<EbmlElement> ebml_element_at(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit);

/// The first element of that ID between `offset` and `limit`. nullopt: none, or behind one whose end is not known.
std::optional<EbmlElement> find_ebml_element(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit,
                                             std::uint64_t id);

/// The element's unsigned integer; nullopt unless it has 1 to 8 bytes, all of them there.
std::optional<std::uint64_t> ebml_unsigned(BoundedReader& reader, const EbmlElement& element);

/// The element's float of 4 or 8 bytes, which may be no number.
std::optional<double> ebml_float(BoundedReader& reader, const EbmlElement& element);

/// The segment, with nothing but padding in front of it.
std::optional<EbmlElement> webm_segment_behind(BoundedReader& reader, const EbmlElement& header);

}  // namespace audiostore
