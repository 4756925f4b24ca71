// The ID3v2 tags (id3.org, "ID3 tag version 2.4.0 - Main Structure") that stand in front of MP3 and sometimes of FLAC.
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <optional>

namespace audiostore {

/// The offset behind the tags and the padding at the beginning of the file, 0 where there are none. nullopt: a tag is
/// broken or reaches past the end.
std::optional<std::uint64_t> skip_id3_tags(BoundedReader& reader);

}  // namespace audiostore
