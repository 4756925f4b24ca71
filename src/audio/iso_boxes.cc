#include "audio/iso_boxes.h"

#include "core/checked.h"

namespace audiostore {
namespace {

constexpr std::uint64_t short_header_bytes = 8;
constexpr std::uint64_t long_header_bytes = 16;

/// The size of the whole box, as its header says it.
std::optional<std::uint64_t> declared_size(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit,
                                           std::uint64_t& header_bytes) {
  constexpr std::uint64_t to_the_end = 0;
  constexpr std::uint64_t is_64_bits = 1;
  header_bytes = short_header_bytes;
  const auto size = reader.big_endian(offset, 4);
  if (size == to_the_end && limit == reader.size()) return limit - offset;
  if (size != is_64_bits) return size;
  header_bytes = long_header_bytes;
  return limit - offset < long_header_bytes ? std::nullopt : reader.big_endian(offset + 8, 8);
}

bool is_hidden_movie(BoundedReader& reader, const IsoBox& box) {
  const bool says_free = box.type == "free" || box.type == "hoov";
  if (!says_free || box.length() < short_header_bytes) return false;
  return reader.has(box.body + 4, "mvhd") || reader.has(box.body + 4, "cmov");
}

}  // namespace

std::optional<IsoBox> iso_box_at(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit) {
  if (limit - offset < short_header_bytes) return std::nullopt;
  std::uint64_t header_bytes = 0;
  const auto size = declared_size(reader, offset, limit, header_bytes);
  const auto end = size ? checked_add(offset, *size) : std::nullopt;
  if (!end || *size < header_bytes || *end > limit) return std::nullopt;
  IsoBox box{reader.text(offset + 4, 4), offset + header_bytes, *end};
  if (box.type.size() != 4) return std::nullopt;
  if (is_hidden_movie(reader, box)) box.type = "moov";
  return box;
}

std::optional<IsoBox> find_iso_box(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit,
                                   std::string_view type) {
  auto box = iso_box_at(reader, offset, limit);
  while (box && box->type != type) box = iso_box_at(reader, box->end, limit);
  return box;
}

std::optional<IsoBox> find_iso_box(BoundedReader& reader, const IsoBox& parent, std::string_view type) {
  return find_iso_box(reader, parent.body, parent.end, type);
}

std::optional<std::uint64_t> iso_field(BoundedReader& reader, const IsoBox& box, std::uint64_t at, std::size_t width) {
  const bool is_inside = at <= box.length() && width <= box.length() - at;
  return is_inside ? reader.big_endian(box.body + at, width) : std::nullopt;
}

}  // namespace audiostore
