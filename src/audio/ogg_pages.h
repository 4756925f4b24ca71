// Ogg pages (RFC 3533, section 6).
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <optional>

namespace audiostore {

struct OggPage {
  /// The granule position of a page on which no packet ends.
  static constexpr std::uint64_t no_granule = UINT64_MAX;

  bool begins_stream = false;
  std::uint64_t granule = no_granule;  // what it counts is the codec's business
  std::uint64_t serial = 0;            // of the stream that the page belongs to
  std::uint64_t body = 0;              // offset
  std::uint64_t end = 0;
};

/// The page at `offset`; nullopt if there is none or it is cut off.
std::optional<OggPage> ogg_page_at(BoundedReader& reader, std::uint64_t offset);

}  // namespace audiostore
