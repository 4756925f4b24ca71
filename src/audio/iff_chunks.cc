#include "audio/iff_chunks.h"

namespace audiostore {
namespace {

std::optional<IffChunk> chunk_at(BoundedReader& reader, std::uint64_t offset, ByteOrder order) {
  constexpr std::uint64_t header_bytes = 8;
  if (offset > reader.size() || reader.size() - offset < header_bytes) return std::nullopt;
  const auto length = order == ByteOrder::big ? reader.big_endian(offset + 4, 4) : reader.little_endian(offset + 4, 4);
  if (!length) return std::nullopt;
  const std::uint64_t body = offset + header_bytes;
  const std::uint64_t padded = *length + *length % 2;
  return IffChunk{body, *length, padded > reader.size() - body ? reader.size() : body + padded};
}

}  // namespace

std::optional<IffChunk> find_chunk(BoundedReader& reader, std::uint64_t offset, std::string_view id, ByteOrder order) {
  auto chunk = chunk_at(reader, offset, order);
  while (chunk && !reader.has(offset, id)) {
    offset = chunk->next;
    chunk = chunk_at(reader, offset, order);
  }
  return chunk;
}

}  // namespace audiostore
