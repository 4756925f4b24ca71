// One function for each container: is it that, and is there audio in it?
#pragma once

#include "audio/bounded_reader.h"

#include <audiostore/audio.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace audiostore {

/// A file that holds no audio of ours: what it is instead, as a message goes on behind "found", e.g. "a PNG image".
struct NotAudio {
  std::string found;
};

using Sniffed = std::variant<AudioInfo, NotAudio>;

// nullopt: another container, ask the next. The magic numbers exclude each other, so the order does not matter.
// None of them ever reads outside the payload, recurses, or loops longer than the reader's bound lasts.

/// RIFF, RF64 or BW64 of form WAVE with a usable fmt chunk in front of a data chunk. Sizes of the file and of the data
/// are not believed: live recorders leave them 0 or 0xFFFFFFFF.
std::optional<Sniffed> sniff_wav(BoundedReader& reader);

/// EBML of DocType webm with an audio track. Unknown sizes, which live recorders write, are fine.
std::optional<Sniffed> sniff_webm(BoundedReader& reader);

/// MPEG audio layer III, with or without ID3v2 tags in front; also FLAC behind ID3v2 tags.
std::optional<Sniffed> sniff_mp3(BoundedReader& reader);

/// Ogg with Opus, Vorbis or FLAC. Speex is refused: no browser plays it.
std::optional<Sniffed> sniff_ogg(BoundedReader& reader);

/// ISO base media of an MP4 brand with an audio track, fragmented or not. QuickTime, 3GPP and HEIF are refused.
std::optional<Sniffed> sniff_mp4(BoundedReader& reader);

/// The native FLAC stream that begins at `offset`.
std::optional<Sniffed> sniff_flac_at(BoundedReader& reader, std::uint64_t offset);
std::optional<Sniffed> sniff_flac(BoundedReader& reader);

/// FORM of type AIFF or AIFC with a usable COMM chunk.
std::optional<Sniffed> sniff_aiff(BoundedReader& reader);

/// What the tracks of a container are.
struct TrackKinds {
  bool audio = false;
  bool video = false;
};

/// Audio only if one of the tracks is. `container` as in "a WebM file".
Sniffed judge_tracks(AudioFormat format, std::string_view container, TrackKinds tracks);

}  // namespace audiostore
