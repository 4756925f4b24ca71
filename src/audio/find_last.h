// Looking for the last of something in a file whose end is all that can be found without reading the rest.
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace audiostore {

/// After so many places that are not accepted nothing is looked for any more, so that a file made of nothing else costs
/// no time.
inline constexpr int max_refused_places = 256;

/// The last offset at which `text` stands and for which `accept` is true. Reads windows of 64 KiB, the last one first
/// and each from front to back, as it is cheap where the bytes come over a network; asks `accept` from back to front.
/// REQUIRES: text is not empty and shorter than a piece of the reader.
std::optional<std::uint64_t> find_last(BoundedReader& reader, std::string_view text,
                                       const std::function<bool(std::uint64_t offset)>& accept);

}  // namespace audiostore
