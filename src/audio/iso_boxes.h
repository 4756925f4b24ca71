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

}  // namespace audiostore
