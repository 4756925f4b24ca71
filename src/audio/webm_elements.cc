#include "audio/webm_elements.h"

#include <bit>

namespace audiostore {
namespace {

/// A variable-size integer: as many bytes as its first byte has leading zero bits, and one.
struct Vint {
  std::uint64_t raw = 0;  // with the marker bit
  std::size_t length = 0;

  /// The number of bits behind the marker bit.
  [[nodiscard]] std::size_t value_bits() const noexcept { return 7 * length; }
  [[nodiscard]] std::uint64_t value() const noexcept { return raw & ((std::uint64_t{1} << value_bits()) - 1); }
  [[nodiscard]] bool all_ones() const noexcept { return value() == (std::uint64_t{1} << value_bits()) - 1; }
};

std::optional<Vint> vint_at(BoundedReader& reader, std::uint64_t offset, std::size_t max_length) {
  const auto first = reader.big_endian(offset, 1);
  if (!first || *first == 0) return std::nullopt;
  const auto length = static_cast<std::size_t>(std::countl_zero(static_cast<std::uint8_t>(*first))) + 1;
  if (length > max_length) return std::nullopt;
  const auto raw = reader.big_endian(offset, length);
  return raw ? std::optional(Vint{*raw, length}) : std::nullopt;
}

}  // namespace

std::optional<EbmlElement> ebml_element_at(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit) {
  const auto id = vint_at(reader, offset, 4);
  const auto size = id ? vint_at(reader, offset + id->length, 8) : std::nullopt;
  if (!size || id->length + size->length > limit - offset) return std::nullopt;
  const std::uint64_t body = offset + id->length + size->length;
  const bool closed = !size->all_ones() && size->value() <= limit - body;
  return EbmlElement{id->raw, body, closed ? body + size->value() : limit, closed};
}

std::optional<EbmlElement> find_ebml_element(BoundedReader& reader, std::uint64_t offset, std::uint64_t limit,
                                             std::uint64_t id) {
  auto element = ebml_element_at(reader, offset, limit);
  while (element && element->id != id) element = ebml_element_at(reader, element->end, limit);
  return element;
}

std::optional<std::uint64_t> ebml_unsigned(BoundedReader& reader, const EbmlElement& element) {
  if (!element.closed || element.length() == 0 || element.length() > 8) return std::nullopt;
  return reader.big_endian(element.body, element.length());
}

std::optional<double> ebml_float(BoundedReader& reader, const EbmlElement& element) {
  if (!element.closed || (element.length() != 4 && element.length() != 8)) return std::nullopt;
  const auto bits = reader.big_endian(element.body, element.length());
  if (!bits) return std::nullopt;
  if (element.length() == 8) return std::bit_cast<double>(*bits);
  return std::bit_cast<float>(static_cast<std::uint32_t>(*bits));
}

std::optional<EbmlElement> webm_segment_behind(BoundedReader& reader, const EbmlElement& header) {
  auto element = ebml_element_at(reader, header.end, reader.size());
  while (element && element->id == webm_id::void_) element = ebml_element_at(reader, element->end, reader.size());
  return element && element->id == webm_id::segment ? element : std::nullopt;
}

}  // namespace audiostore
