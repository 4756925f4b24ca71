// Chunks as in IFF ("EA IFF 85", 1985) and RIFF (Microsoft and IBM, 1991): four characters, a 32-bit length, a body,
// and a byte of padding behind an odd body.
#pragma once

#include "audio/bounded_reader.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace audiostore {

enum class ByteOrder { little, big };

struct IffChunk {
  std::uint64_t body = 0;    // offset
  std::uint64_t length = 0;  // as declared; the file may be shorter
  std::uint64_t next = 0;    // offset of the chunk behind it, at most the file's size
};

/// The first chunk called `id` in the sequence of chunks that begins at `offset`. nullopt: none, or not within the
/// reader's bound.
std::optional<IffChunk> find_chunk(BoundedReader& reader, std::uint64_t offset, std::string_view id, ByteOrder order);

}  // namespace audiostore
