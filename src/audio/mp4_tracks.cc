#include "audio/mp4_tracks.h"

#include <algorithm>
#include <array>
#include <vector>

namespace audiostore {
namespace {

// Less than this at the end of a container is nothing to any player; udta may end in four zero bytes.
constexpr std::uint64_t smallest_box = 8;

/// A box that decides what a track is, and the one box that it may be in.
struct Home {
  std::string_view type;
  std::string_view parent;
  enum class Count { once, any } count;
};
using enum Home::Count;

// Players look for these in more places than the standard has them, and believe the first, the last, or all of them.
constexpr std::array<Home, 16> homes{{{"moov", "", once},
                                      {"cmov", "never: a compressed movie, of QuickTime only", once},
                                      {"trak", "moov", any},
                                      {"mdia", "trak", once},
                                      {"hdlr", "mdia", once},
                                      {"hdlr", "meta", once},
                                      {"minf", "mdia", once},
                                      {"stbl", "minf", once},
                                      {"stsd", "stbl", once},
                                      {"meta", "", any},
                                      {"meta", "moov", any},
                                      {"meta", "trak", any},
                                      {"meta", "udta", any},
                                      {"udta", "", any},
                                      {"udta", "moov", any},
                                      {"udta", "trak", any}}};

/// Boxes to look into, for what they are made of or for what does not belong there.
constexpr std::array<std::string_view, 10> containers{"trak", "mdia", "minf", "stbl", "udta",
                                                      "meta", "edts", "dinf", "tref", "mvex"};

/// Sample entries of text, metadata and the like, which nobody can take for pictures.
constexpr std::array<std::string_view, 18> wordy_entries{"text", "tx3g", "wvtt", "stpp", "sbtt", "stxt",
                                                         "c608", "c708", "mett", "metx", "mebx", "urim",
                                                         "tmcd", "mp4s", "rtp ", "srtp", "enct", "encm"};

bool is_container(std::string_view type) { return std::ranges::count(containers, type) > 0; }

const Home* home_of(std::string_view type, std::string_view parent) {
  const auto found =
      std::ranges::find_if(homes, [&](const Home& home) { return home.type == type && home.parent == parent; });
  return found == homes.end() ? nullptr : &*found;
}

/// Where the boxes in a container begin.
std::optional<std::uint64_t> children_of(BoundedReader& reader, const IsoBox& container) {
  constexpr std::uint64_t version_and_flags = 4;
  if (container.type != "meta" || container.length() <= version_and_flags) return container.body;
  // QuickTime's meta has no version. The handler must come first, which tells the two apart (sections 8.11.1).
  if (reader.has(container.body + 4, "hdlr")) return container.body;
  if (reader.has(container.body + version_and_flags + 4, "hdlr")) return container.body + version_and_flags;
  return std::nullopt;
}

/// One track under way: what its boxes have said so far.
struct Track {
  std::string handler;
  bool has_entries = false;  // whether the box that names the codecs is there
  bool has_wordless_entry = false;

  [[nodiscard]] TrackKinds kinds() const {
    if (handler == "soun") return {.audio = true};
    return {.video = handler == "vide" || has_wordless_entry};  // players go by the entries of unknown handlers
  }
};

/// Goes through the boxes of a movie, from outside to inside.
class MovieWalk {
 public:
  explicit MovieWalk(BoundedReader& reader) : reader_(reader) {}

  /// False when the tracks cannot all be told.
  bool walk(const IsoBox& moov) {
    if (!enter(moov)) return false;
    while (!levels_.empty()) {
      Level& level = levels_.back();
      const bool at_end = level.end - level.offset < smallest_box;
      if (!(at_end ? leave() : step(level))) return false;
    }
    return true;
  }

  [[nodiscard]] TrackKinds kinds() const noexcept { return kinds_; }

 private:
  struct Level {
    std::string type;
    std::uint64_t offset;
    std::uint64_t end;
    std::vector<std::string> seen_once = {};
  };

  bool enter(const IsoBox& container) {
    constexpr std::size_t max_depth = 16;  // no player's files go deeper than 7
    const auto offset = children_of(reader_, container);
    if (!offset || levels_.size() == max_depth) return false;
    if (container.type == "trak") track_ = Track();
    levels_.push_back({container.type, *offset, container.end});
    return true;
  }

  bool leave() {
    const bool track_ends = levels_.back().type == "trak";
    levels_.pop_back();
    if (!track_ends) return true;
    kinds_.audio |= track_.kinds().audio;
    kinds_.video |= track_.kinds().video;
    return !track_.handler.empty() && track_.has_entries;  // players look for what is missing in odd places
  }

  bool step(Level& level) {
    const auto box = iso_box_at(reader_, level.offset, level.end);
    if (!box || !belongs(box->type, level)) return false;
    level.offset = box->end;
    if (box->type == "hdlr" && level.type == "mdia") return read_handler(*box);
    if (box->type == "stsd") return read_entries(*box);
    return !is_container(box->type) || enter(*box);
  }

  static bool belongs(const std::string& type, Level& level) {
    const Home* home = home_of(type, level.type);
    if (home == nullptr) return !is_misplaced(type, level.type);
    if (home->count == any) return true;
    if (std::ranges::count(level.seen_once, type) > 0) return false;
    level.seen_once.push_back(type);
    return true;
  }

  bool read_handler(const IsoBox& hdlr) {
    if (hdlr.length() < 12) return false;
    track_.handler = reader_.text(hdlr.body + 8, 4);
    return track_.handler.size() == 4;
  }

  bool read_entries(const IsoBox& stsd) {
    constexpr std::uint64_t version_and_count = 8;
    if (stsd.length() < version_and_count) return false;
    track_.has_entries = true;
    for (std::uint64_t offset = stsd.body + version_and_count; stsd.end - offset >= smallest_box;) {
      const auto entry = iso_box_at(reader_, offset, stsd.end);
      if (!entry) return false;
      offset = entry->end;
      track_.has_wordless_entry |= std::ranges::count(wordy_entries, entry->type) == 0;
    }
    return true;
  }

  BoundedReader& reader_;
  std::vector<Level> levels_;
  Track track_;
  TrackKinds kinds_;
};

}  // namespace

bool is_misplaced(std::string_view type, std::string_view parent) {
  const bool is_at_home = home_of(type, parent) != nullptr;
  return !is_at_home && std::ranges::count(homes, type, &Home::type) > 0;
}

std::optional<TrackKinds> read_mp4_tracks(BoundedReader& reader, const IsoBox& moov) {
  MovieWalk walk(reader);
  return walk.walk(moov) ? std::optional(walk.kinds()) : std::nullopt;
}

}  // namespace audiostore
