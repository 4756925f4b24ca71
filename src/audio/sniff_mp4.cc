// MP4 (ISO 14496-12): its brands (section 4.3), and the boxes of the file.
#include "audio/iso_boxes.h"
#include "audio/mp4_tracks.h"
#include "audio/sniffers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

/// What a file of these brands is, as NotAudio has it; nullopt if it is an MP4. The major brand, which comes first,
/// decides: 3GPP and HEIF files often call themselves compatible with isom too.
std::optional<std::string> foreign_brand(const std::string& brands) {
  constexpr std::array<std::string_view, 20> known{"M4A ", "M4B ", "M4V ", "mp41", "mp42", "isom", "iso2",
                                                   "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9",
                                                   "dash", "msdh", "cmfc", "cmfs", "f4a ", "MSNV"};
  constexpr std::array<std::string_view, 6> images{"avif", "avis", "heic", "heix", "mif1", "msf1"};
  const std::string_view major = std::string_view(brands).substr(0, 4);
  if (major == "qt  ") return "a QuickTime movie";
  if (major.starts_with("3g")) return "a 3GPP file";
  if (std::ranges::count(images, major) > 0) return "an AVIF or HEIF image";
  for (std::size_t i = 0; i + 4 <= brands.size(); i += 4)
    if (i != 4 && std::ranges::count(known, std::string_view(brands).substr(i, 4)) > 0) return std::nullopt;
  return fmt::format("a media file of the unknown brand '{}'", major);
}

/// What stands in the file behind its ftyp box.
class FileWalk {
 public:
  explicit FileWalk(BoundedReader& reader) : reader_(reader) {}

  /// Goes on to where players stop too: the end, or bytes that are no box. nullopt when another movie may be out of
  /// reach: only of a file of many fragments so much is taken on trust.
  std::optional<Sniffed> walk(std::uint64_t offset) {
    while (const auto box = iso_box_at(reader_, offset, reader_.size())) {
      offset = box->end;
      if (auto refused = take(*box)) return refused;
    }
    if (reader_.is_exhausted() && !fragmented_) return std::nullopt;
    if (!tracks_) return NotAudio{"an MP4 file without a moov box, as a recording that was cut off leaves"};
    return judge_tracks(AudioFormat::mp4, "an MP4 file", *tracks_);
  }

 private:
  std::optional<NotAudio> take(const IsoBox& box) {
    fragmented_ |= box.type == "moof";
    if (is_misplaced(box.type, "")) return NotAudio{fmt::format("an MP4 file with a stray {} box", box.type)};
    if (box.type != "moov") return std::nullopt;
    if (tracks_) return NotAudio{"an MP4 file with two moov boxes"};
    tracks_ = read_mp4_tracks(reader_, box);
    return tracks_ ? std::nullopt : std::optional(NotAudio{"an MP4 file with a broken moov box"});
  }

  BoundedReader& reader_;
  std::optional<TrackKinds> tracks_;
  bool fragmented_ = false;
};

}  // namespace

std::optional<Sniffed> sniff_mp4(BoundedReader& reader) {
  constexpr std::uint64_t max_ftyp_body = 1024;
  if (!reader.has(4, "ftyp")) return std::nullopt;
  const auto ftyp = iso_box_at(reader, 0, reader.size());
  if (!ftyp || ftyp->length() < 8 || ftyp->length() > max_ftyp_body) {
    return NotAudio{"an MP4 file with a broken ftyp box"};
  }
  if (auto foreign = foreign_brand(reader.text(ftyp->body, ftyp->length()))) return NotAudio{*foreign};
  return FileWalk(reader).walk(ftyp->end).value_or(NotAudio{"an MP4 file of more boxes than are looked at"});
}

}  // namespace audiostore
