// Boxes of ISO base media (ISO 14496-12, section 4.2).
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

struct IsoBox {
  std::string type;        // four characters
  std::uint64_t body = 0;  // offset
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t length() const noexcept { return end - body; }
};

/// The box at `offset`, which must not reach past `limit`. A box that calls itself free space and begins as a movie
/// does is a "moov", since there are players that play it. nullopt: none, a broken one, or out of reach.
/// REQUIRES: offset <= limit <= reader.size().
std::optional<IsoBox> iso_box_at(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit);

/// The first box of that type from `offset` on, with nothing broken in front of it. REQUIRES: as iso_box_at().
std::optional<IsoBox> find_iso_box(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit,
                                   std::string_view type);

/// The same among the boxes in `parent`, which has no fields of its own in front of them.
std::optional<IsoBox> find_iso_box(BoundedReader& reader, const IsoBox& parent, std::string_view type);

/// The number in the `width` (1 to 8) bytes that are `at` behind the beginning of the box's body; nullopt if the box
/// ends before.
std::optional<std::uint64_t> iso_field(BoundedReader& reader, const IsoBox& box, std::uint64_t at, std::size_t width);

}  // namespace audiostore
