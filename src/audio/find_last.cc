#include "audio/find_last.h"

#include <vector>

namespace audiostore {
namespace {

/// The offsets from `begin` to `end` at which `text` stands, in order.
std::vector<std::uint64_t> find_all(BoundedReader& reader, std::uint64_t begin, std::uint64_t end,
                                    std::string_view text) {
  std::vector<std::uint64_t> found;
  while (begin < end) {
    const std::string piece = reader.text(begin, BoundedReader::piece_bytes);
    if (piece.size() < text.size()) break;
    for (auto at = piece.find(text); at != std::string::npos && begin + at < end; at = piece.find(text, at + 1)) {
      found.push_back(begin + at);
    }
    begin += piece.size() - (text.size() - 1);  // what the piece's end cuts in two is whole in the next
  }
  return found;
}

}  // namespace

std::optional<std::uint64_t> find_last(BoundedReader& reader, std::string_view text,
                                       const std::function<bool(std::uint64_t offset)>& accept) {
  constexpr std::uint64_t window = std::uint64_t{64} * 1024;
  int refused = 0;
  for (std::uint64_t end = reader.size(); end > 0;) {
    const std::uint64_t begin = end > window ? end - window : 0;
    const auto places = find_all(reader, begin, end, text);
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
      if (accept(*place)) return *place;
      if (++refused == max_refused_places) return std::nullopt;
    }
    end = begin;
  }
  return std::nullopt;
}

}  // namespace audiostore
